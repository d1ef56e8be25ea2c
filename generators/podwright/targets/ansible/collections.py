"""The collections that a pod needs: of a switch's vendor, and for its secrets, unless those are in variables and files.

Sources: the pages of the lookups `community.hashi_vault.vault_kv2_get` (since 2.5.0; reads with the Python library hvac) and
`community.sops.sops` (runs the program sops); `arista.eos` on Ansible Galaxy (tried: 12.0.0).
"""

from __future__ import annotations

from typing import NamedTuple

from podwright.projection.records import PodConfig

_HEADER = "---\n# The roles use ansible.builtin only: ansible-core is enough.\n"
_WITH_VENDORS = "---\n# The other roles use ansible.builtin only.\n"


class _Collection(NamedTuple):
    name: str
    version: str
    reason: str


_EOS = _Collection(
    "arista.eos",
    ">=10.0.0",
    "Switches that run EOS: the Python library paramiko or ansible-pylibssh is needed here too. It brings ansible.netcommon.",
)
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
    wanted = [_EOS] if has_eos(pod) else []
    wanted += [_BY_KIND[kind] for kind in sorted({each.kind for each in pod.secrets}) if kind in _BY_KIND]
    if not wanted:
        return f"{_HEADER}collections: []\n"
    header = (_WITH_VENDORS if has_eos(pod) else _HEADER) + "".join(f"# {each.reason}\n" for each in wanted)
    listed = "".join(f'  - name: {each.name}\n    version: "{each.version}"\n' for each in wanted)
    return f"{header}collections:\n{listed}"


def has_eos(pod: PodConfig) -> bool:
    return any(entry.nos == "eos" for entry in pod.entries)
