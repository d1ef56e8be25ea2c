"""Secrets in Vault and SOPS: what a pod's tree asks for, and what the lookup makes of what the collections answer.

The collections here are stand-ins with the interface of the real lookups' pages: `community.hashi_vault.vault_kv2_get` takes
paths below the mount point and answers one mapping each, whose `secret` holds the keys; `community.sops.sops` takes paths of
files and answers their decrypted text.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from msgspec.structs import replace

from conformance import reference
from podwright.model.design import SecretPlace
from podwright.projection.records import PodConfig
from podwright.resources import folder
from podwright.targets.ansible import render

PROGRAMS = Path(sys.executable).parent
SECRET = "canary-4791-sesame"
VAULT = SecretPlace(name="a.vault", kind="vault", place="pod/edge", key="bgp", origin="")
SOPS = SecretPlace(name="a.sops", kind="sops", place="pod.sops.yaml", key="bgp", origin="")
ENV = SecretPlace(name="an.env", kind="env", place="POD", origin="")

KV2_GET = """
from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase

HELD = {"pod/edge": {"bgp": "canary-4791-sesame"}}

class LookupModule(LookupBase):
    def run(self, terms, variables=None, **kwargs):
        if any(term not in HELD for term in terms):
            raise AnsibleError("Invalid or missing path")
        data = [HELD[term] for term in terms]
        return [{"raw": {}, "data": {"data": each}, "metadata": {}, "secret": each} for each in data]
"""
DECRYPTS = """
from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase

class LookupModule(LookupBase):
    def run(self, terms, variables=None, **kwargs):
        files = [self.find_file_in_search_path(variables, "files", term, ignore_missing=True) for term in terms]
        if not all(files):
            raise AnsibleError("could not locate file in lookup")
        return [open(each).read().replace("ENC[", "").replace("]", "") for each in files]
"""


class Pod(NamedTuple):
    """A folder with the tree's lookup plugin, files of secrets, and collections."""

    folder: Path

    def filled(self, place: SecretPlace) -> subprocess.CompletedProcess[str]:
        """A play that writes a rendered file with its secret to `filled`."""
        (self.folder / "rendered").write_text(f"password <podwright:{place.name}>\n")
        fill = {
            "ansible.builtin.copy": {
                "content": "{{ lookup('podwright_filled', playbook_dir ~ '/rendered') }}",
                "dest": str(self.folder / "filled"),
                "mode": "0600",
            }
        }
        known = {
            "podwright_files": str(self.folder / "files"),
            "podwright_secrets": {place.name: {"kind": place.kind, "place": place.place, "key": place.key}},
            "ansible_python_interpreter": sys.executable,
        }
        play = {"hosts": "localhost", "connection": "local", "gather_facts": False, "vars": known, "tasks": [fill]}
        (self.folder / "play.yml").write_text(json.dumps([play]))
        return subprocess.run(
            [str(PROGRAMS / "ansible-playbook"), "-i", "localhost,", "play.yml"],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            env={
                "PATH": f"{PROGRAMS}:/usr/bin:/bin",
                "HOME": str(self.folder),
                "LANG": "C.UTF-8",
                "ANSIBLE_LOOKUP_PLUGINS": str(folder("playbooks") / "lookup_plugins"),
                "ANSIBLE_COLLECTIONS_PATH": str(self.folder / "collections"),
                "ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "false",
            },
        )


@pytest.fixture
def pod(tmp_path: Path) -> Pod:
    for collection, lookup, text in (
        ("hashi_vault", "vault_kv2_get", KV2_GET),
        ("sops", "sops", DECRYPTS),
    ):
        place = tmp_path / "collections" / "ansible_collections" / "community" / collection / "plugins" / "lookup"
        place.mkdir(parents=True)
        (place / f"{lookup}.py").write_text(text)
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "pod.sops.yaml").write_text(f"bgp: ENC[{SECRET}]\n")
    return Pod(tmp_path)


@pytest.mark.parametrize("place", [VAULT, SOPS], ids=["vault", "sops"])
def test_a_secret_is_put_in_the_place_of_its_marker(pod: Pod, place: SecretPlace) -> None:
    done = pod.filled(place)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (pod.folder / "filled").read_text() == f"password {SECRET}"
    assert SECRET not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (replace(VAULT, place="pod/other"), "Invalid or missing path"),
        (replace(VAULT, key="other"), "The secret a.vault can't be read: KeyError. The blueprint says: vault pod/edge, key other."),
        (replace(SOPS, place="other.yaml"), "could not locate file in lookup"),
        (replace(SOPS, key="other"), "The secret a.sops can't be read: KeyError. The blueprint says: sops pod.sops.yaml, key other."),
        (replace(ENV, place="NOT_SET"), "can't be read: the environment variable is not set. The blueprint says: env NOT_SET."),
        (replace(ENV, kind="file", place="none"), "The secret an.env can't be read: No such file or directory: /"),
    ],
    ids=["no path in Vault", "no key in Vault", "no file of SOPS", "no key in SOPS", "no variable", "no file"],
)  # fmt: skip
def test_a_secret_that_is_not_there_is_a_sentence(pod: Pod, place: SecretPlace, said: str) -> None:
    done = pod.filled(place)
    assert done.returncode != 0
    assert said in re.sub(r"\s+", " ", done.stdout + done.stderr)
    assert SECRET not in done.stdout + done.stderr


@pytest.mark.parametrize("place", [VAULT, SOPS], ids=["vault", "sops"])
def test_without_its_collection_it_says_where_that_is_named(pod: Pod, place: SecretPlace) -> None:
    (pod.folder / "collections").rename(pod.folder / "elsewhere")
    done = pod.filled(place)
    assert done.returncode != 0
    assert re.search(
        r"The collection of community\.\w+\.\w+ is not installed\. See requirements\.yml\.", done.stderr + done.stdout
    )


def requirements(pod: PodConfig) -> str:
    (text,) = [artifact.text for artifact in render(pod) if artifact.path == "ansible/requirements.yml"]
    return text


def test_collections_are_asked_for_only_where_a_secret_needs_them() -> None:
    """With a version from which on the lookup is there."""
    pod = reference.pod("starter-4")

    def wanted(*places: SecretPlace) -> list[dict[str, str]]:
        return list(yaml.safe_load(requirements(replace(pod, secrets=places)))["collections"])

    assert wanted(ENV) == []
    assert wanted(SOPS, ENV) == [{"name": "community.sops", "version": ">=1.0.0"}]
    assert wanted(VAULT, SOPS, VAULT) == [
        {"name": "community.sops", "version": ">=1.0.0"},
        {"name": "community.hashi_vault", "version": ">=2.5.0"},
    ]
