"""Checks of the out-of-band network."""

from __future__ import annotations

from collections.abc import Iterator

from podwright.check.framework import Fault, check
from podwright.design import Index
from podwright.model.report import Severity


@check("OOB001", "the pod has an out-of-band network")
def management_is_out_of_band(index: Index) -> Iterator[Fault]:
    """Looks for a fabric that carries management.

    Why: Without one, devices are configured over the fabrics that this configuration makes. A mistake in it then cuts off
    the way to mend it, and baseboard controllers are not reached at all.

    Fix: Add a fabric with `carries: [management]` and topology `tree`, or `single` for one row of servers.
    """
    if not any("management" in fabric.carries for fabric in index.design.fabrics):
        yield Fault(
            "fabrics",
            "no fabric carries management, so devices are reached only through the fabrics that they are configured for",
            "Add a fabric with `carries: [management]` and `topology: tree`.",
        )


@check("OOB002", "the out-of-band network does not hang on one root", severity=Severity.NOTE)
def the_root_is_one_failure(index: Index) -> Iterator[Fault]:
    """Looks for a tree whose root joins more than one leaf.

    Why: The root has the gateway of every unit. While it is away no device can be reached out of band, though traffic of
    the other fabrics goes on. It is a price of a tree without loops, which needs no spanning tree.

    Fix: Keep a spare of the root at hand, or a topology `single` where one switch has ports enough.
    """
    for fabric in index.design.fabrics:
        if fabric.topology != "tree":
            continue
        joined = [link for link in index.design.links if link.fabric == fabric.name and link.use == "fabric"]
        if len(joined) > 1:
            yield Fault(
                fabric.origin,
                f"`{joined[0].b_device}` joins {len(joined)} switches of `{fabric.name}`, and all management stops with it",
                "Keep a spare at hand.",
            )
