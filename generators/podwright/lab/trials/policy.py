"""What the design's zones let pass between two addresses: a pure function of its tables, and of no rendered rule."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from podwright.model.design import Design, Flow
from podwright.model.design.security import Protocol

ANYONE, SPACE = "anyone", "pod.space"


class Policy:
    """Which flows may begin between addresses of a design. Without zones everything may."""

    def __init__(self, design: Design) -> None:
        self._zones = {zone.name: zone for zone in design.zones}
        self._networks: dict[str, list[IPv4Network | IPv6Network]] = {
            zone.name: [ip_network(prefix) for prefix in zone.prefixes] for zone in design.zones
        }
        self._flows: dict[Protocol, list[Flow]] = {}
        for flow in design.flows:
            self._flows.setdefault(flow.protocol, []).append(flow)
        self._filtered = {device.name for device in design.devices if device.kind != "switch"}
        self._known: dict[str, frozenset[str]] = {}

    def permits(self, source: tuple[str, str], target: tuple[str, str], protocol: Protocol, port: int = 0) -> bool:
        """Whether the first packet of `protocol` to `port` may go from (device, address) to (device, address).

        Filters stand where servers and routers outside are cabled; what switches say to one another passes none.
        """
        if not self._zones or not self._filtered & {source[0], target[0]}:
            return True
        ours, theirs = self.zones_of(source[1]), self.zones_of(target[1])
        if any(self._zones[name].kind == "servers" and not self._zones[name].isolated for name in ours & theirs):
            return True
        return any(
            flow.source in ours and flow.target in theirs and (port in flow.ports or not flow.ports)
            for flow in self._flows.get(protocol, ())
        )

    def zones_of(self, address: str) -> frozenset[str]:
        """The zones that an address is in. What has a zone of its own is in none that is the world outside."""
        if address not in self._known:
            parsed = ip_address(address)
            found = {
                name
                for name, networks in self._networks.items()
                if any(parsed.version == each.version and parsed in each for each in networks)
            }
            if SPACE in found or any(self._zones[name].kind == "networks" for name in found):
                found = {name for name in found if self._zones[name].kind != "outside"}
            self._known[address] = frozenset(found)
        return self._known[address]
