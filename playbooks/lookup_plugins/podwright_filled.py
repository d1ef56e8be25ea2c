"""Rendered files with their secrets filled in: what is looked up goes to the device and nowhere else."""

from __future__ import annotations

import json
import os
from pathlib import Path

import yaml
from ansible.errors import AnsibleError
from ansible.plugins.loader import lookup_loader
from ansible.plugins.lookup import LookupBase

DOCUMENTATION = """
name: podwright_filled
short_description: a rendered file with the secrets in the place of their markers
description:
  - Reads files and replaces each marker C(<podwright:NAME>) by the secret that C(podwright_secrets) says where to find.
  - A task that uses the result needs C(no_log).
options:
  _terms:
    description: Paths of files.
    required: true
  names_only:
    description: Return the names of the secrets of each file, after making sure that every one can be read.
    type: bool
    default: false
  inside:
    description: What the secrets stand in the midst of, and are spelt for.
    choices: [text, json]
    default: text
"""

MARKER = "<podwright:{name}>"


class UnsetError(ValueError):
    """No variable of that name is in the environment."""


class LookupModule(LookupBase):
    """Raises AnsibleError, without the secret in it, where a secret can't be read."""

    def run(self, terms, variables=None, **options):
        self.set_options(var_options=variables, direct=options)
        places = variables.get("podwright_secrets", {})
        answers = []
        for path in terms:
            text = Path(path).read_text(encoding="utf-8").rstrip()
            names = [name for name in places if MARKER.format(name=name) in text]
            secrets = {name: self._read(name, places[name], variables) for name in names}
            for name, secret in secrets.items():
                text = text.replace(MARKER.format(name=name), self._spelt(secret))
            answers.append(names if self.get_option("names_only") else text)
        return answers

    def _spelt(self, secret: str) -> str:
        return json.dumps(secret)[1:-1] if self.get_option("inside") == "json" else secret

    def _read(self, name: str, place: dict[str, str], variables: dict[str, object]) -> str:
        try:
            secret = getattr(self, f"_from_{place['kind']}")(place, variables)
        except AnsibleError:
            raise
        except (OSError, KeyError, TypeError, ValueError, yaml.YAMLError) as problem:
            raise AnsibleError(f"The secret {name} can't be read: {_what(problem)}. {_where(place)}") from None
        if not secret or any(character.isspace() or not character.isprintable() for character in secret):
            raise AnsibleError(f"The secret {name} is empty, or has spaces in it. {_where(place)}")
        return secret

    def _from_env(self, place: dict[str, str], _variables: dict[str, object]) -> str:
        if place["place"] not in os.environ:
            raise UnsetError
        return os.environ[place["place"]]

    def _from_file(self, place: dict[str, str], variables: dict[str, object]) -> str:
        lines = self._path(place, variables).read_text(encoding="utf-8").splitlines()
        return lines[0].strip() if lines else ""

    def _from_vault(self, place: dict[str, str], variables: dict[str, object]) -> str:
        found = self._other("community.hashi_vault.vault_kv2_get", place["place"], variables)
        return str(found["secret"][place["key"]])

    def _from_sops(self, place: dict[str, str], variables: dict[str, object]) -> str:
        text = self._other("community.sops.sops", str(self._path(place, variables)), variables)
        return str(yaml.safe_load(text)[place["key"]])

    def _other(self, plugin: str, term: str, variables: dict[str, object]) -> object:
        lookup = lookup_loader.get(plugin, loader=self._loader, templar=self._templar)
        if lookup is None:
            raise AnsibleError(f"The collection of {plugin} is not installed. See requirements.yml.")
        return lookup.run([term], variables=variables)[0]

    def _path(self, place: dict[str, str], variables: dict[str, object]) -> Path:
        return Path(self._templar.template(variables["podwright_files"]), place["place"])


def _what(problem: Exception) -> str:
    """Why, in words without the secret; of a file or a program also which."""
    if isinstance(problem, UnsetError):
        return "the environment variable is not set"
    if isinstance(problem, OSError) and problem.strerror:
        return f"{problem.strerror}: {problem.filename}" if problem.filename else str(problem.strerror)
    return type(problem).__name__


def _where(place: dict[str, str]) -> str:
    key = f", key {place['key']}" if place.get("key") else ""
    return f"The blueprint says: {place['kind']} {place['place']}{key}."
