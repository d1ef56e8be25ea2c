"""NICs of the rails that an operator gives to pods: whether all that it has to be told is known."""

from __future__ import annotations

from collections.abc import Iterator

from podwright.catalog import Server
from podwright.design.draft import Draft

NIC_TYPES = {"connectx-6-dx": "101d", "connectx-7": "1021", "connectx-8": "1023", "bluefield-3": "a2dc"}
"""Device numbers of NVIDIA (vendor 15b3) in the list of PCI numbers, https://pci-ids.ucw.cz/read/PC/15b3"""


def refuse_unknown_nics(draft: Draft) -> None:
    """The operator finds NICs by type and PCI address, so both have to be in the catalogue."""
    cluster = draft.blueprint.kubernetes
    if cluster is None or cluster.nic_operator is None:
        return
    for number, group in enumerate(cluster.workers):
        name = draft.blueprint.servers[group].model
        missing = list(_missing(draft.catalog.servers[name]))
        if missing:
            draft.refuse(
                "DES807",
                f"kubernetes.workers.{number}",
                f"the operator can't find the NICs of the rails of `{group}` ({name}): {'; '.join(missing)}",
                "Copy the catalogue's entry under a name of its own, write what your servers have (`lspci -D`), and use that "
                "model; or leave `nic_operator` out.",
            )


def _missing(model: Server) -> Iterator[str]:
    rails = [nic for nic in model.nics if nic.role == "compute"]
    if not rails:
        yield "it has none"
    if placeless := sorted({nic.rail for nic in rails if not nic.pci}):
        yield f"the catalogue has no PCI address of rail {', '.join(str(rail) for rail in placeless)}"
    yield from (f"{model} is no NIC that it knows" for model in sorted({nic.model for nic in rails} - set(NIC_TYPES)))
