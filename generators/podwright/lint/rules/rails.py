"""Rails: numbered by the slot of the NIC, never by its name."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from ipaddress import ip_interface

from podwright.check import check
from podwright.lint.chain import listed
from podwright.lint.framework import Fault
from podwright.lint.records import Host, Nic, Said, Seen, Spot, Template
from podwright.lint.rules.mtu import roce_nics
from podwright.model.report import Severity

_NUMBERED = re.compile(r"(.*?)(\d+)(?:(?:np|f|p)\d+)*$")
POINT_TO_POINT = 30
"""Prefixes this long or longer differ from port to port, so that they say nothing of rails."""


def _placed(host: Host) -> list[Nic]:
    """NICs whose PCI address is known, in the order of those addresses."""
    return sorted((nic for nic in roce_nics(host) if nic.pci), key=lambda nic: nic.pci)


@check("LNT070", "rails are numbered by PCI address", severity=Severity.ERROR, requires=("LNT072",))
def rails_follow_slots(seen: Seen) -> Iterator[Fault]:
    """Compares the order of a host's NICs by the numbers in their names, or by a list of rails that an operator keeps, with their
    order by PCI address. Where the hosts' addresses ascend with the PCI addresses, names do not matter.

    Why: Cabling and GPUs follow the slot, and NCCL sorts NICs by PCI address. A rail that is numbered by name is another rail:
    traffic crosses sockets and leaves, at a fraction of the bandwidth.

    Fix: Key every list of rails by PCI address, and name devices by it (a .link file of udev with `Path=pci-...`).
    """
    for host in seen.hosts:
        placed = _placed(host)
        by_name = sorted(placed, key=_by_name)
        if by_name != placed and _comparable(placed) and not _addressed_by_slot(placed):
            rail = next(number for number, nic in enumerate(placed) if nic is not by_name[number])
            right, wrong = placed[rail], by_name[rail]
            yield Fault(
                right.spot,
                f"rail {rail} of {host.name} is {right.pci} ({right.netdev}), by PCI address{_gpu(right)}, never {wrong.netdev}"
                f" ({wrong.pci}) by name; right are {_in_order(placed)}",
                "Number rails by PCI address, and give the devices names that follow it.",
            )
    for template in seen.templates:
        listed_rails = [each for each in template.rails if each.value]
        firsts = [min(each.value) for each in listed_rails]
        if firsts != sorted(firsts):
            place = next(number for number, pci in enumerate(firsts) if pci != sorted(firsts)[number])
            yield Fault(
                listed_rails[place].spot,
                f"{_called(template)} has {firsts[place]} as rail {place}, and by PCI address that is {sorted(firsts)[place]}",
                "List the rails in the order of their PCI addresses.",
            )


def _by_name(nic: Nic) -> tuple[str, int]:
    found = _NUMBERED.match(nic.netdev)
    return (found[1], int(found[2])) if found else (nic.netdev, 0)


def _comparable(nics: list[Nic]) -> bool:
    """Names with one stem and numbers, as eth2 and eth10; those that the kernel makes from the slot follow it anyhow."""
    return len({_by_name(nic)[0] for nic in nics}) == 1


def _in_order(placed: list[Nic]) -> str:
    return ", ".join(f"{number}: {nic.pci}" for number, nic in enumerate(placed))


def _gpu(nic: Nic) -> str:
    return f" and GPU {min(nic.gpus)}" if nic.gpus else ""


def _addressed_by_slot(placed: list[Nic]) -> bool:
    """Whether somebody has numbered the rails by slot already: every NIC has an IPv4 address, and they ascend."""
    interfaces = [[ip_interface(each) for each in nic.addresses if ":" not in each] for nic in placed]
    if not all(interfaces):
        return False
    values = [int(each[0].ip) for each in interfaces]
    return values == sorted(values)


def _called(template: Template) -> str:
    return f"{template.kind} `{template.name}`" if template.name else f"the list `{template.kind}`"


@check("LNT071", "a template for NICs fits every host it is for", severity=Severity.ERROR)
def templates_fit(seen: Seen) -> Iterator[Fault]:
    """Compares the PCI addresses of operators' templates with those of the hosts, where both are known, and with those of other
    templates that have the same name.

    Why: Nodes of one SKU can have other PCI buses. A template that lists the addresses of one does nothing on the other, and
    two templates of one name overwrite each other.

    Fix: One template for each set of PCI addresses, each with a node selector of its own.
    """
    yield from _overwritten(seen)
    placed = {host.name: _placed(host) for host in seen.hosts}
    told: dict[frozenset[str], list[tuple[Template, Spot]]] = defaultdict(list)
    for template in seen.templates:
        known = _listing(template)
        if known:
            told[frozenset(each.value for each in known)].append((template, known[0].spot))
    for addresses, templates in told.items():
        fits = {name for name, nics in placed.items() if addresses & {nic.pci for nic in nics}}
        missed = {name: [nic.pci for nic in nics] for name, nics in placed.items() if nics and name not in fits}
        if fits and missed and not _covered(seen, templates[0][0], missed):
            name = next(iter(missed))
            verb = "list" if len(templates) > 1 else "lists"
            yield Fault(
                templates[0][1],
                f"{listed(_called(template) for template, _ in templates)} {verb} {listed(sorted(addresses))}, which"
                f" {listed(sorted(fits))} has and {listed(missed)} has not: the NICs of {name} are at {', '.join(missed[name])}",
                f"Write {1 + len({tuple(each) for each in missed.values()})} templates, one for each set of PCI addresses.",
            )


def _listing(template: Template) -> list[Said[str]]:
    """Every PCI address of a template."""
    return [*template.pci, *(Said(pci, rail.spot) for rail in template.rails for pci in rail.value)]


def _overwritten(seen: Seen) -> Iterator[Fault]:
    """Templates of one name with different addresses, of which the cluster keeps one."""
    firsts: dict[tuple[str, str, str], Template] = {}
    for template in seen.templates:
        key = (template.kind, template.namespace, template.name)
        first = firsts.setdefault(key, template) if template.name else template
        kept, lost = ({each.value for each in _listing(which)} for which in (template, first))
        if lost and kept and kept != lost:
            yield Fault(
                template.spot,
                f"{_called(template)} stands twice, with {listed(sorted(lost))} in {first.spot.file} and with"
                f" {listed(sorted(kept))} here: the second overwrites the first",
                "Give each set of PCI addresses a template with a name and a node selector of its own.",
            )


def _covered(seen: Seen, template: Template, missed: dict[str, list[str]]) -> bool:
    """Whether other templates of the kind are for the hosts that this one misses."""
    others = {
        each.value
        for other in seen.templates
        if other.kind == template.kind and other is not template
        for each in _listing(other)
    }
    return all(others & set(addresses) for addresses in missed.values())


@check("LNT072", "the same NIC is in the same place on every host", severity=Severity.ERROR)
def order_is_the_same(seen: Seen) -> Iterator[Fault]:
    """Compares the order of NICs by PCI address from host to host: by their names where hosts use the same ones, by their subnets
    where these are shared by hosts.

    Why: NCCL pairs the n-th NIC of one node with the n-th of the other. With virtual functions the PCI order differs by node,
    so plane 0 meets plane 1, and connections time out.

    Fix: Attach functions in one order on all nodes, and check by subnet.
    """
    orders: dict[str, tuple[Host, list[str], list[Nic]]] = {}
    for host in seen.hosts:
        for kind, labels in _orders(host).items():
            key = f"{kind}:{','.join(sorted(labels))}"
            first = orders.setdefault(key, (host, labels, _placed(host)))
            if labels != first[1]:
                place = next(number for number, label in enumerate(labels) if label != first[1][number])
                nic = _placed(host)[place]
                yield Fault(
                    nic.spot,
                    f"the order of NICs by PCI address differs between {first[0].name} ({', '.join(first[1])}) and {host.name}"
                    f" ({', '.join(labels)}): {labels[place]} would be paired with {first[1][place]}",
                    "Fix the order in which functions are attached, and check it by subnet.",
                )
                break


def _orders(host: Host) -> dict[str, list[str]]:
    placed = _placed(host)
    subnets = [next((_subnet(address) for address in nic.addresses if _subnet(address)), "") for nic in placed]
    found = {"name": [nic.netdev for nic in placed]}
    if all(subnets) and len(set(subnets)) == len(subnets):
        found = {"subnet": subnets}
    return found if len(placed) > 1 else {}


def _subnet(address: str) -> str:
    try:
        network = ip_interface(address).network
    except ValueError:
        return ""
    return str(network) if network.version == 4 and network.prefixlen < POINT_TO_POINT else ""


@check("LNT073", "functions of one NIC are one rail", severity=Severity.ERROR)
def functions_are_one_rail(seen: Seen) -> Iterator[Fault]:
    """Looks for lists of rails in which functions of one NIC (one PCI bus and device) are rails of their own.

    Why: The functions of a NIC with several planes share its port to the GPU. Counted one by one they double the rails, and
    half of them have no GPU.

    Fix: One rail for each NIC, with all its functions.
    """
    for template in seen.templates:
        by_nic: dict[str, list[tuple[int, Said[tuple[str, ...]]]]] = defaultdict(list)
        for number, rail in enumerate(template.rails):
            for nic in {pci.rpartition(".")[0] for pci in rail.value}:
                by_nic[nic].append((number, rail))
        doubled = {nic: rails for nic, rails in by_nic.items() if len(rails) > 1}
        if doubled:
            nic, rails = next(iter(doubled.items()))
            yield Fault(
                rails[1][1].spot,
                f"{_called(template)} has {len(template.rails)} rails on {len(by_nic)} NICs: functions of {nic} are rails"
                f" {' and '.join(str(number) for number, _ in rails)}. It is {len(by_nic)} rails",
                "Put all functions of a NIC into one rail.",
            )


@check("LNT074", "the NIC of a rail is beside the GPU of its number", requires=("LNT070",))
def rails_are_beside_their_gpus(seen: Seen) -> Iterator[Fault]:
    """Compares the order of NICs by PCI address with that of the GPUs nearest to them, as `nvidia-smi topo -m` has it.

    Why: A flow of GPU 0 that leaves by the NIC of another socket crosses both root complexes and the link between them, and
    arrives on another rail than its peers expect.

    Fix: Number rails by the GPU that each NIC is nearest to, and cable them so.
    """
    for host in seen.hosts:
        placed = _placed(host)
        if len(placed) < 2 or not all(nic.gpus for nic in placed):
            continue
        nearest = [min(nic.gpus) for nic in placed]
        if nearest != sorted(nearest):
            rail = next(number for number, gpu in enumerate(nearest) if gpu != sorted(nearest)[number])
            nic = placed[rail]
            yield Fault(
                nic.spot,
                f"rail {rail} of {host.name} by PCI address is {nic.pci} ({nic.netdev}), nearest to GPU {nearest[rail]}; the GPUs in"
                f" the order of the NICs are {', '.join(map(str, nearest))}",
                "Number rails by the GPU that each NIC is nearest to, and cable them so.",
            )
