"""An address or a prefix in full: which device and interface has it, and what the ranges around it are for."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network

from podwright.cli.explanation import explain_device, explain_port
from podwright.errors import UsageError
from podwright.model.design import Design, Prefix
from podwright.model.design.fabric import PrefixUse
from podwright.pipeline import Pod

Network = IPv4Network | IPv6Network

_USES: dict[PrefixUse, str] = {
    "pool": "the pool",
    "hosts": "the pool of hosts",
    "link": "the pool of links",
    "rail": "a rail",
    "leaf": "an aggregate",
    "subnet": "a subnet",
    "outside": "a link to a router outside",
}


def as_network(text: str) -> Network | None:
    """An address (as a range of one) or a prefix, host bits or not; None for anything else."""
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


def explain_address(pod: Pod, text: str) -> str:
    """Raises UsageError where no range of the pod holds `text`."""
    network = ip_network(text, strict=False)
    around = list(_around(pod.design, network))
    owners = list(_owners(pod.design, network)) if network.num_addresses == 1 else []
    if not around and not owners:
        pools = ", ".join(each.prefix for each in pod.design.prefixes if each.use in ("pool", "hosts"))
        raise UsageError(f"the pod {pod.design.pod.name} has no range with {text}", fix=f"Its pools are {pools}.")
    lines = [f"{text}: {owner} of {device}" for device, owner, _ in owners]
    if not owners:
        lines = [f"{text}: {_unowned(pod.design, network)}"]
    parts = ["\n".join([*lines, *(f"  {line}" for line in around)])]
    parts += [explain_port(pod, device, port) if port else explain_device(pod, device) for device, _, port in owners]
    return "\n\n".join(parts)


def _owners(design: Design, network: Network) -> Iterator[tuple[str, str, str]]:
    """(device, what the address is there, its port) of every device that has the address."""
    address = str(network.network_address)
    ports = {(each.device, each.name) for each in design.ports}
    found: dict[str, tuple[str, str]] = {}
    for each in design.addresses:
        if _plain(each.address) == address:
            port = each.interface if (each.device, each.interface) in ports else ""
            found.setdefault(each.device, (f"interface {each.interface}", port))
    for managed in design.management:
        for kind, held in (("the management address", managed.address), ("the BMC", managed.bmc)):
            if held and _plain(held) == address:
                found.setdefault(managed.device, (kind, ""))
    for device, (what, port) in found.items():
        yield device, what, port


def _unowned(design: Design, network: Network) -> str:
    if network.num_addresses == 1:
        return "no device has it"
    held = {each.device for each in design.addresses if _inside(_plain(each.address), network)}
    return f"{len(held)} device{'s have' if len(held) != 1 else ' has'} addresses in it"


def _around(design: Design, network: Network) -> Iterator[str]:
    """The ranges that hold it, the widest first."""
    holding = [each for each in design.prefixes if _inside(network, ip_network(each.prefix))]
    for each in sorted(holding, key=lambda each: ip_network(each.prefix).prefixlen):
        yield f"in {each.prefix}, {_USES[each.use]} of fabric {each.fabric}{_details(each)}"


def _details(prefix: Prefix) -> str:
    facts = [f"unit {prefix.unit}"] if prefix.unit else []
    facts += [f"rail {prefix.rail}"] if prefix.rail >= 0 else []
    facts += [f"plane {prefix.plane}"] if prefix.plane else []
    facts += [f"at {prefix.device}"] if prefix.device else []
    return f" ({', '.join(facts)})" if facts else ""


def _inside(inner: str | Network, outer: Network) -> bool:
    """Whether a range lies in another one; never so across families."""
    network = ip_network(inner) if isinstance(inner, str) else inner
    if isinstance(network, IPv4Network):
        return isinstance(outer, IPv4Network) and network.subnet_of(outer)
    return isinstance(outer, IPv6Network) and network.subnet_of(outer)


def _plain(address: str) -> str:
    """The address without its prefix length."""
    return address.split("/", 1)[0]
