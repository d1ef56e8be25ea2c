"""Checks of servers: homes, and the groups that keep a quorum."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from podwright.check.framework import Fault, check
from podwright.design import Index
from podwright.model.design import Device
from podwright.model.report import Severity


@check("HST001", "servers of a leaf-spine fabric have two homes")
def servers_have_two_homes(index: Index) -> Iterator[Fault]:
    """Counts the leaves that a server speaks BGP with, in fabrics of topology `leaf-spine`.

    Why: A server with one leaf is lost with that leaf, and with every update of it.

    Fix: Leave `homes` out or write `homes: 2`, and take a server with two ports of the role.
    """
    homes: dict[tuple[str, str], set[str]] = defaultdict(set)
    for attachment in index.design.attachments:
        if attachment.mode == "bgp" and index.fabric[attachment.fabric].topology == "leaf-spine":
            homes[attachment.fabric, attachment.device].add(attachment.leaf)
    lonely: dict[tuple[str, str], list[str]] = defaultdict(list)
    for (fabric, server), leaves in homes.items():
        if len(leaves) == 1:
            group = "" if index.fabric[fabric].homes == 1 else index.device[server].group
            lonely[fabric, group].append(server)
    for (fabric, group), servers in lonely.items():
        count = f"{len(servers)} server{'s have' if len(servers) > 1 else ' has'} one leaf of `{fabric}`, `{servers[0]}` for one"
        if group:
            yield Fault(
                f"{index.device[servers[0]].origin}.model", count, "Take a server model with two ports of the role."
            )
        else:
            yield Fault(f"{index.fabric[fabric].origin}.homes", count, "Write `homes: 2`, or remove the key.")


def _control_groups(index: Index) -> dict[str, list[Device]]:
    groups: dict[str, list[Device]] = defaultdict(list)
    for device in index.design.devices:
        if device.kind == "server" and device.role == "control":
            groups[device.group].append(device)
    return groups


@check("HST002", "a control group has an odd number of servers")
def control_groups_are_odd(index: Index) -> Iterator[Fault]:
    """Counts the servers of each group whose purpose is control.

    Why: What runs there keeps a quorum (etcd, for one): more than half must be there. Four survive the loss of one, as
    three do, and two survive none, with more that can break.

    Fix: Write a count of 3 or 5, or 1 where nothing has to survive.
    """
    for group, servers in _control_groups(index).items():
        if len(servers) % 2 == 0:
            yield Fault(
                f"{servers[0].origin}.count",
                f"`{group}` has {len(servers)} servers, which survive the loss of {(len(servers) - 1) // 2}, no more than "
                f"{len(servers) - 1} would",
                f"Write `count: {len(servers) + 1}`.",
            )


@check("HST003", "control servers stand in more than one failure domain", severity=Severity.NOTE)
def control_groups_are_spread(index: Index) -> Iterator[Fault]:
    """Looks at the units in which servers of purpose control stand, where the pod has servers in more than one unit.

    Why: A unit shares power, cooling and leaves. Control servers in one unit end with it, though the others go on.

    Fix: Make groups with positions in different units, or move `at` so that the run crosses into the next unit.
    """
    servers = [device for device in index.design.devices if device.kind == "server"]
    control = [server for group in _control_groups(index).values() for server in group]
    units = {server.failure_domain for server in servers}
    if len(control) > 1 and len(units) > 1 and len({server.failure_domain for server in control}) == 1:
        yield Fault(
            f"{control[0].origin}.at",
            f"all {len(control)} control servers stand in unit {control[0].unit}, and servers of the pod stand in {len(units)} units",
            "Place part of them in another unit.",
        )
