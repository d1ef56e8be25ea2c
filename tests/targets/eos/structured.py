"""A switch's projection as Arista Validated Designs write it: the structured configuration of `eos_cli_config_gen`.

Written from the projection and from AVD's documents, and from nothing of the target: what the two agree on was thought of
twice. https://avd.arista.com/stable/ansible_collections/arista/avd/roles/eos_cli_config_gen/docs/data-models/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any

from podwright.projection.overlay_records import OverlayConfig
from podwright.projection.records import (
    Bgp,
    FilterRule,
    InterfaceConfig,
    Neighbor,
    Policy,
    PortConfig,
    PortFilter,
    PrefixSet,
    SwitchConfig,
    SwitchQos,
)

Data = dict[str, Any]

ALPHAS = {
    -7: "1/128",
    -6: "1/64",
    -5: "1/32",
    -4: "1/16",
    -3: "1/8",
    -2: "1/4",
    -1: "1/2",
    0: "1",
    1: "2",
    2: "4",
    3: "8",
}
ICMP_NAMES = {
    (4, 0): "echo-reply",
    (4, 3): "unreachable",
    (4, 8): "echo",
    (4, 11): "time-exceeded",
    (4, 12): "parameter-problem",
    (6, 128): "echo-request",
    (6, 129): "echo-reply",
}


def structured(switch: SwitchConfig) -> Data:
    """All keys that have something to say."""
    apart = switch.management is not None and switch.management.interface == "Management1"
    table = "MGMT" if apart else "default"
    keys: Data = {
        "hostname": switch.name,
        "dns_domain": switch.domain,
        "ip_name_server": {"vrfs": [{"name": table, "servers": [{"ip_address": each} for each in switch.dns]}]},
        "ntp": {"servers": [{"name": each, "iburst": True} for each in switch.ntp]} | ({"vrf": table} if apart else {}),
        "spanning_tree": {"mode": "mstp"},
        "ethernet_interfaces": [_port(switch, each) for each in switch.ports],
        "loopback_interfaces": [
            {"name": each.name} | _described(each) | _addresses(each)
            for each in switch.interfaces
            if each.kind == "loopback"
        ],
        "ip_access_lists": [_filter(each, 4) for each in switch.filters],
        "ipv6_access_lists": [_filter(each, 6) for each in switch.filters],
    }
    if apart and switch.management is not None:
        keys |= _management(switch.management.interface, switch.management.address)
    keys |= _bridges(switch) | _routes(switch, apart)
    if switch.bgp is not None:
        keys |= _bgp(switch.bgp)
    if switch.overlay is not None and switch.bgp is not None:
        keys |= _tunnel(switch.overlay)
        keys["vrfs"] = [*keys.get("vrfs", []), *(_table(switch, each.name) for each in switch.overlay.vrfs)]
        keys["router_bgp"] |= _tenants(switch.bgp, switch.overlay)
    if switch.qos is not None:
        keys |= _qos(switch.qos)
    keys |= _observability(switch, table)
    return {key: value for key, value in keys.items() if value}


def _observability(switch: SwitchConfig, table: str) -> Data:
    keys: Data = {}
    monitoring, login = switch.monitoring, switch.login
    source = {"source_interface": "Management1"} if table == "MGMT" else {}
    if monitoring and monitoring.syslog:
        hosts = [{"name": each} for each in monitoring.syslog]
        keys["logging"] = {"vrfs": [{"name": table, "hosts": hosts, **source}]}
    if monitoring and monitoring.sflow_collectors:
        places = [{"destination": each, "port": monitoring.sflow_port} for each in monitoring.sflow_collectors]
        own = {"vrfs": [{"name": table, "destinations": places, **source}]} if source else {"destinations": places}
        keys["sflow"] = {"run": True, **own}
        if monitoring.sflow_sampling:
            keys["sflow"] |= {"sample": monitoring.sflow_sampling, "dangerous": monitoring.sflow_sampling < 16384}
    if monitoring and monitoring.gnmi_port:
        server = {"name": "default", "port": monitoring.gnmi_port, "ssl_profile": "gnmi"}
        server |= {"vrf": table} if table == "MGMT" else {}
        keys["management_api_gnmi"] = {"provider": "eos-native", "transport": {"grpc": [server]}}
        profile = {"name": "gnmi", "certificate": {"file": "gnmi.crt", "key": "gnmi.key"}}
        profile["trust_certificate"] = {"certificates": ["gnmi-ca.crt"]}
        keys["management_security"] = {"ssl_profiles": [profile]}
    if login:
        key = {"key": f"<podwright:{login.key}>", "key_type": "0"}
        keys["tacacs_servers"] = {"hosts": [{"host": each, "vrf": table, **key} for each in login.servers]}
        keys["aaa_authentication"] = {"login": {"default": "group tacacs+ local"}}
        keys["aaa_authorization"] = {"exec": {"default": "group tacacs+ local"}}
    return keys


def _tunnel(overlay: OverlayConfig) -> Data:
    marks = ("dscp_propagation_encapsulation", "ecn_propagation", "map_dscp_to_traffic_class_decapsulation")
    bridged = {"dscp_ecn": {"rewrite_bridged_enabled": True}} if overlay.segments else {}
    vxlan = {
        "source_interface": overlay.source,
        "udp_port": 4789,
        "vlans": [{"id": each.vlan, "vni": each.vni} for each in overlay.segments],
        "vrfs": [{"name": each.name, "vni": each.vni} for each in overlay.vrfs],
        "qos": dict.fromkeys(marks, True) | bridged,
    }
    keys: Data = {
        "vlan_internal_order": {"allocation": "ascending", "range": {"beginning": 3150, "ending": 4094}},
        "vxlan_interface": {"vxlan1": {"vxlan": vxlan}},
    }
    return keys | ({"ip_virtual_router_mac_address": overlay.gateway_mac} if overlay.segments else {})


def _table(switch: SwitchConfig, name: str) -> Data:
    mine = [each for each in switch.interfaces if each.vrf == name]
    unnumbered = any(each.unnumbered for each in mine)
    six = unnumbered or any(":" in address for each in mine for address in each.addresses)
    routing = {"ip_routing_ipv6_interfaces": True} if unnumbered else {"ip_routing": True}
    return {"name": name} | routing | ({"ipv6_routing": True} if six else {})


def _tenants(bgp: Bgp, overlay: OverlayConfig) -> Data:
    """The VLANs and VRFs of BGP. Sessions in a VRF are members of peer groups that are the whole router's."""
    tables = []
    for routing, vrf in zip(bgp.vrfs, overlay.vrfs, strict=True):
        speaker = _Speaker(bgp, routing.neighbors)
        targets = [{"address_family": "evpn", "route_targets": [vrf.target]}]
        table: Data = {
            "name": vrf.name,
            "rd": vrf.distinguisher,
            "route_targets": {"import": targets, "export": targets},
            "router_id": bgp.router_id,
            "maximum_paths": {"paths": bgp.max_paths, "ecmp": bgp.max_paths},
            "neighbors": speaker.sessions,
            "neighbor_interfaces": speaker.interfaces,
        }
        for version in (4, 6):
            own = [each for each in (*routing.networks, *routing.aggregates) if (":" in each) == (version == 6)]
            if own:
                table[f"address_family_ipv{version}"] = {"networks": [{"prefix": each} for each in own]}
        tables.append(table)
    vlans = [
        {
            "id": each.vlan,
            "rd": each.distinguisher,
            "route_targets": {"both": [each.target]},
            "redistribute_routes": ["learned"],
        }
        for each in overlay.segments
    ]
    return {"vlans": vlans, "vrfs": tables}


def _management(interface: str, address: str) -> Data:
    own = {"ipv6_addresses": [address]} if ":" in address else {"ip_address": address}
    return {
        "vrfs": [{"name": "MGMT", "ip_routing": False}],
        "management_interfaces": [{"name": interface, "vrf": "MGMT", **own}],
        "management_ssh": {"vrfs": [{"name": "MGMT", "enable": True}]},
    }


def _port(switch: SwitchConfig, port: PortConfig) -> Data:
    routed = next((each for each in switch.interfaces if each.kind == "port" and each.name == port.name), None)
    bridge = next((each for each in switch.interfaces if each.kind == "bridge" and port.linux in each.members), None)
    data: Data = {"name": port.name, "description": port.description}
    data["speed"] = f"{port.gbps}g-{len(port.lanes)}" if port.gbps >= 50 else f"{port.gbps}g"
    if port.fec == "rs":
        data["error_correction_encoding"] = {"reed_solomon": True}
    elif port.gbps >= 25:
        data["error_correction_encoding"] = {"enabled": False}
    if not port.peer_device:
        data["shutdown"] = True
    if routed is not None:
        data |= {"mtu": routed.mtu, "switchport": {"enabled": False}} | _addresses(routed)
    if bridge is not None:
        data["switchport"] = {"access_vlan": bridge.vlan}
        if port.edge:
            data |= {"spanning_tree_portfast": "edge", "spanning_tree_bpduguard": "enabled"}
    for each in switch.filters:
        if port.name in each.interfaces:
            data |= {"access_group_in": _list(each.name), "ipv6_access_group_in": _list(each.name)}
    for profile in _port_profiles(switch.qos, port.name):
        data["service_profile"] = profile
    return data


def _port_profiles(qos: SwitchQos | None, name: str) -> Iterator[str]:
    for port in qos.ports if qos else ():
        if port.name == name:
            yield next(f"{each.traffic_class.upper()}-{each.gbps}G" for each in qos.ecn if each.name == port.ecn)


def _addresses(interface: InterfaceConfig) -> Data:
    data: Data = {"vrf": interface.vrf} if interface.vrf else {}
    mine = [each for each in interface.addresses if ":" not in each]
    if interface.vrf and interface.kind == "bridge":
        theirs = [each for each in interface.addresses if ":" in each]
        data |= {"ip_address_virtual": mine[0]} if mine else {}
        return data | ({"ipv6_address_virtuals": theirs, "ipv6_nd": {"ra": {"disabled": True}}} if theirs else {})
    if mine:
        data["ip_address"] = mine[0]
    if mine[1:]:
        data["ip_address_secondaries"] = mine[1:]
    if interface.unnumbered:
        data["ipv6_enable"] = True
    theirs = [each for each in interface.addresses if ":" in each]
    if theirs:
        data["ipv6_addresses"] = theirs
        if not interface.unnumbered and interface.kind != "loopback":
            data["ipv6_nd"] = {"ra": {"disabled": True}}
    return data


def _described(interface: InterfaceConfig) -> Data:
    return {"description": interface.description} if interface.description else {}


def _bridges(switch: SwitchConfig) -> Data:
    bridges = [each for each in switch.interfaces if each.kind == "bridge"]
    return {
        "vlans": [{"id": each.vlan, "name": each.name} for each in bridges],
        "vlan_interfaces": [
            {"name": each.name, "mtu": each.mtu} | _described(each) | _addresses(each) for each in bridges
        ],
    }


def _routes(switch: SwitchConfig, apart: bool) -> Data:
    aggregates = switch.bgp.aggregates if switch.bgp else ()
    routes: list[Data] = [{"prefix": each, "interface": "Null0"} for each in aggregates]
    for table in switch.bgp.vrfs if switch.bgp else ():
        routes += [{"prefix": each, "interface": "Null0", "vrf": table.vrf} for each in table.aggregates]
    if switch.management and switch.management.gateway:
        gateway = switch.management.gateway
        everything = "::/0" if ":" in gateway else "0.0.0.0/0"
        routes.append({"prefix": everything, "next_hop": gateway} | ({"vrf": "MGMT"} if apart else {}))
    own = [each for each in switch.interfaces if not each.vrf]
    unnumbered = any(each.unnumbered for each in own)
    speaks = any(":" in address for each in own for address in each.addresses)
    dynamic = {"fib": {"load_balance_distribution": {"dynamic": {"enabled": True}}}}
    return {
        "static_routes": [each for each in routes if ":" not in each["prefix"]],
        "ipv6_static_routes": [each for each in routes if ":" in each["prefix"]],
        "ip_routing": switch.routed and not unnumbered,
        "ip_routing_ipv6_interfaces": switch.routed and unnumbered,
        "ipv6_unicast_routing": switch.routed and (unnumbered or speaks),
        "ip_hardware": dynamic if switch.load_balancing == "dynamic" else {},
    }


def _bgp(bgp: Bgp) -> Data:
    lists = {4: "prefix_lists", 6: "ipv6_prefix_lists"}
    speaker = _Speaker(bgp, bgp.neighbors)
    return {
        "service_routing_protocols_model": "multi-agent",
        **{
            key: [_prefixes(each) for each in bgp.prefix_sets if each.family == family] for family, key in lists.items()
        },
        "ip_community_lists": [
            {"name": name, "entries": [{"action": "permit", "communities": [value]}]} for name, value in bgp.communities
        ],
        "route_maps": [_route_map(each, dict(bgp.communities)) for each in bgp.policies],
        "router_bgp": speaker.router(),
    }


class _Speaker:
    """BGP, with a peer group of all sessions that agree."""

    def __init__(self, bgp: Bgp, own: Iterable[Neighbor]) -> None:
        self.bgp = bgp
        self.everybody = [*bgp.neighbors, *(each for table in bgp.vrfs for each in table.neighbors)]
        self.timers = {each.name: each for each in bgp.bfd}
        self.groups: dict[str, Data] = {}
        self.families: dict[int, list[Data]] = {4: [], 6: []}
        self.sessions: list[Data] = []
        self.interfaces: list[Data] = []
        for neighbor in own:
            self._neighbor(neighbor)

    def router(self) -> Data:
        families = (4, 6) if self.bgp.ipv6 else (4,)
        everybody = _Speaker(self.bgp, self.everybody)
        self.groups, self.families = everybody.groups, everybody.families
        carrying = [each for each in self.bgp.neighbors if each.evpn_export]
        groups = {each.use.upper(): each for each in carrying}
        tunnels = {
            "peer_groups": [
                {"name": name, "activate": True, "route_map_in": each.evpn_import, "route_map_out": each.evpn_export}
                for name, each in groups.items()
            ]
        } | ({"next_hop_unchanged": True} if "LEAF" in groups else {})
        return {
            **({"address_family_evpn": tunnels} if carrying else {}),
            "as": str(self.bgp.asn),
            "router_id": self.bgp.router_id,
            "maximum_paths": {"paths": self.bgp.max_paths, "ecmp": self.bgp.max_paths},
            "bgp": {"default": {"ipv4_unicast": False}},
            "peer_groups": list(self.groups.values()),
            "neighbors": self.sessions,
            "neighbor_interfaces": self.interfaces,
            **{f"address_family_ipv{family if family == 6 else 4}": self._family(family) for family in families},
        }

    def _family(self, family: int) -> Data:
        own = [each for each in (*self.bgp.networks, *self.bgp.aggregates) if (":" in each) == (family == 6)]
        return {"networks": [{"prefix": each} for each in own], "peer_groups": self.families[family]}

    def _neighbor(self, neighbor: Neighbor) -> None:
        if not neighbor.address and not neighbor.address6:
            group = self._group(neighbor, (4, 6) if neighbor.ipv6 else (4,), unnumbered=True)
            self.interfaces.append(
                {"name": neighbor.interface, "peer_group": group, "remote_as": str(neighbor.remote_asn)}
            )
        for address in filter(None, (neighbor.address, neighbor.address6)):
            group = self._group(neighbor, (6,) if ":" in address else (4,), unnumbered=False)
            self.sessions.append(
                {
                    "ip_address": address,
                    "peer_group": group,
                    "remote_as": str(neighbor.remote_asn),
                    "description": neighbor.device,
                }
            )

    def _group(self, neighbor: Neighbor, families: tuple[int, ...], *, unnumbered: bool) -> str:
        """The group's name; a use whose sessions don't agree has a group a device."""
        alike = {
            (each.import_policy, each.export_policy, each.password, each.bfd)
            for each in self.everybody
            if each.use == neighbor.use
        }
        name = neighbor.use.upper() + ("-6" if families == (6,) else "")
        name += f"-{neighbor.device.upper()}" if len(alike) > 1 else ""
        if name in self.groups:
            return name
        group: Data = {
            "name": name,
            "route_map_in": neighbor.import_policy,
            "route_map_out": neighbor.export_policy,
            "maximum_routes": 0,
        }
        if neighbor.evpn_export:
            group["send_community"] = "extended"
        if neighbor.password:
            group |= {"password": f"<podwright:{neighbor.password}>", "password_type": "7"}
        if neighbor.bfd:
            timers = self.timers[neighbor.bfd]
            group |= {
                "bfd": True,
                "bfd_timers": {
                    "interval": timers.interval_ms,
                    "min_rx": timers.interval_ms,
                    "multiplier": timers.multiplier,
                },
            }
        self.groups[name] = group
        for family in families:
            active: Data = {"name": name, "activate": True}
            if unnumbered and family == 4:
                active["next_hop"] = {"address_family_ipv6": {"enabled": True, "originate": True}}
            self.families[family].append(active)
        return name


def _prefixes(prefixes: PrefixSet) -> Data:
    entries = []
    for match in prefixes.entries:
        own = int(match.prefix.split("/")[1])
        bounds = [f"ge {match.min_length}"] * (match.min_length > own) + [f"le {match.max_length}"] * (
            match.max_length > own
        )
        entries.append(" ".join(["permit", match.prefix, *bounds]))
    nothing = {4: "deny 0.0.0.0/0 le 32", 6: "deny ::/0 le 128"}[prefixes.family]
    return {
        "name": prefixes.name,
        "sequence_numbers": [
            {"sequence": 5 * place, "action": each} for place, each in enumerate(entries or [nothing], start=1)
        ],
    }


def _route_map(policy: Policy, communities: dict[str, str]) -> Data:
    steps: list[Data] = []
    for statement in policy.statements:
        matches = [f"ip address prefix-list {statement.prefix_set}"] if statement.prefix_set else []
        matches += [f"ipv6 address prefix-list {statement.prefix_set6}"] if statement.prefix_set6 else []
        for match in matches or [""]:
            wanted = [match] if match else []
            wanted += [f"community {statement.community}"] if statement.community else []
            value = communities.get(statement.add_community, "")
            step: Data = {"sequence": 10 * (len(steps) + 1), "type": statement.action}
            step |= {"match": wanted} if wanted else {}
            step |= {"set": [f"community {value} additive"]} if value else {}
            steps.append(step)
    return {"name": policy.name, "sequence_numbers": steps}


def _list(zone: str) -> str:
    return f"ZONE-{zone.upper()}"


def _filter(port_filter: PortFilter, family: int) -> Data:
    entries: list[Data] = []
    note = ""
    for rule in port_filter.rules:
        if rule.family == family:
            if rule.note != note:
                note = rule.note
                entries.append({"remark": note})
            entries += _entries(rule)
    return {
        "name": _list(port_filter.name),
        "entries": [{"sequence": 10 * place} | each for place, each in enumerate(entries, start=1)],
    }


def _entries(rule: FilterRule) -> Iterator[Data]:
    full = "/32" if rule.family == 4 else "/128"
    ends: Iterable[tuple[str, str]] = product(rule.sources or ("any",), rule.targets or ("any",))
    for source, target in ends:
        head: Data = {
            "action": rule.action,
            "protocol": rule.protocol or ("ip" if rule.family == 4 else "ipv6"),
            "source": source.removesuffix(full),
            "destination": target.removesuffix(full),
        }
        if rule.protocol in ("tcp", "udp"):
            for port in rule.ports:
                side = {"source_ports" if rule.answer else "destination_ports": [str(port)]}
                flags = {"tcp_flags": ["established"]} if rule.answer and rule.protocol == "tcp" else {}
                yield head | side | flags
        elif rule.protocol:
            head["protocol"] = "icmp" if rule.family == 4 else "icmpv6"
            for kind in rule.icmp_types:
                yield head | {"icmp_type": ICMP_NAMES.get((rule.family, kind), str(kind))}
        else:
            yield head


def _qos(qos: SwitchQos) -> Data:
    traffic = qos.traffic_class
    used = sorted(set(qos.dscp_to_tc))
    marks = [
        " ".join(str(dscp) for dscp in range(64) if qos.dscp_to_tc[dscp] == each) + f" to traffic-class {each}"
        for each in used
    ]
    name = traffic.name.upper()
    watchdog: Data = {}
    if traffic.watchdog != "none":
        watchdog = {
            "action": {"drop": "drop", "alert": "notify-only"}[traffic.watchdog],
            "timeout": _seconds(traffic.detection_ms),
            "recovery_time": _seconds(traffic.restoration_ms),
        }
        if traffic.poll_ms <= min(traffic.detection_ms, traffic.restoration_ms) / 2:
            watchdog["polling_interval"] = _seconds(traffic.poll_ms)
    data: Data = {
        "qos": {
            "map": {"dscp": marks, "traffic_class": [f"{each} to uc-tx-queue {qos.tc_to_queue[each]}" for each in used]}
        },
        "qos_profiles": list(_profiles(qos)),
        "platform": {
            "trident": {
                "mmu": {
                    "active_profile": name,
                    "queue_profiles": [
                        {
                            "name": name,
                            "ingress": {
                                "threshold": ALPHAS[traffic.dynamic_threshold],
                                "headroom": {"memory": max(each.xoff_bytes for each in qos.buffers)},
                            },
                        }
                    ],
                }
            }
        },
    }
    return data | ({"priority_flow_control": {"watchdog": watchdog}} if watchdog else {})


def _profiles(qos: SwitchQos) -> Iterator[Data]:
    traffic = qos.traffic_class
    for ecn in qos.ecn:
        queues: list[Data] = []
        for queue in qos.queues:
            data: Data = {"id": queue.number, "priority": "priority strict" if queue.strict else "no priority"}
            if not queue.strict:
                data["bandwidth_percent"] = queue.weight
            if queue.use == "lossless":
                data |= {"bandwidth_guaranteed_percent": 1} if traffic.watchdog != "none" else {}
                data["random_detect"] = {
                    "ecn": {
                        "threshold": {
                            "units": "bytes",
                            "min": ecn.min_bytes,
                            "max": ecn.max_bytes,
                            "max_probability": ecn.probability,
                        }
                    }
                }
            queues.append(data)
        watch = {"watchdog": {"enabled": True}} if traffic.watchdog != "none" else {}
        yield {
            "name": f"{ecn.traffic_class.upper()}-{ecn.gbps}G",
            "trust": "dscp",
            "priority_flow_control": {
                "enabled": True,
                "priorities": [{"priority": traffic.priority, "no_drop": True}],
                **watch,
            },
            "uc_tx_queues": queues,
        }


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds / 1000:g}"
