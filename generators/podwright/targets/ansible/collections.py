"""The collections that a pod's secrets need: none where all of them are in variables and files.

Sources: the pages of the lookups `community.hashi_vault.vault_kv2_get` (since 2.5.0; reads with the Python library hvac) and
`community.sops.sops` (runs the program sops).
"""

from __future__ import annotations

from typing import NamedTuple

import yaml

from podwright.projection.records import PodConfig

_HEADER = "---\n# The roles use ansible.builtin only: ansible-core is enough.\n"


class _Collection(NamedTuple):
    name: str
    version: str
    reason: str


_BY_KIND = {
    "sops": _Collection(
        "community.sops", ">=1.0.0", "Secrets in files of SOPS: the program sops is needed here too, and its key."
    ),
    "vault": _Collection(
        "community.hashi_vault",
        ">=2.5.0",
        "Secrets in Vault: the Python library hvac is needed here too, VAULT_ADDR and a way to log in.",
    ),
}


def requirements(pod: PodConfig) -> str:
    """The text of requirements.yml: `ansible-galaxy collection install -r` takes it, an empty list too."""
    wanted = [_BY_KIND[kind] for kind in sorted({each.kind for each in pod.secrets}) if kind in _BY_KIND]
    if not wanted:
        return f"{_HEADER}collections: []\n"
    header = _HEADER + "".join(f"# {each.reason}\n" for each in wanted)
    listed = [{"name": each.name, "version": each.version} for each in wanted]
    return header + yaml.safe_dump({"collections": listed}, sort_keys=False)
