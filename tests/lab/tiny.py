"""A pod of ten devices, written by hand as a design, and just enough configuration to bring it to life.

backend   two rail leaves (one a unit) under two spines      servers: rail0, routed
front     two leaves under one spine                         servers: front0 and front1, BGP
oob       one bridge                                         servers: mgmt0
"""

from __future__ import annotations

from pathlib import Path

import yaml

from podwright.lab.driver import Fabric
from podwright.model.design import (
    Address,
    Attachment,
    ClassBinding,
    Design,
    Device,
    FabricPlan,
    HostRoute,
    Interface,
    Link,
    PodFacts,
    Prefix,
    Router,
    Session,
    SourceRule,
    TrafficClass,
)
from podwright.model.design.identity import Tier

SERVERS = {"g1": 1, "g2": 2}
POOL, HOSTS = "10.128.0.0/16", "10.16.0.0/16"
ASNS = {"bl1": 4210001001, "bl2": 4210001002, "bs1": 4220001000, "bs2": 4220001000, "fl1": 4260001001}
ASNS |= {"fl2": 4260001002, "fs1": 4270001000}
ASNS |= {"g1": 4280001001, "g2": 4280001002}
LOOPBACKS = {
    "bl1": "10.128.0.1", "bl2": "10.128.0.2", "bs1": "10.128.255.1", "bs2": "10.128.255.2",
    "fl1": "10.16.128.1", "fl2": "10.16.128.2", "fs1": "10.16.255.1", "g1": "10.16.1.1", "g2": "10.16.1.2",
}  # fmt: skip
DSCP, ROCE = 26, 4791
MTU = {"backend": 9000, "front": 9000, "oob": 1500}


def tiny_design() -> Design:
    """The tables."""
    fabric_of = {name: "backend" if name.startswith("b") else "front" for name in ASNS}
    links = [
        _link(f"bl{leaf}", f"Ethernet{40 + 4 * spine}", f"bs{spine}", f"Ethernet{4 * leaf}", "backend")
        for leaf in (1, 2)
        for spine in (1, 2)
    ]
    links += [_link(f"fl{leaf}", "Ethernet40", "fs1", f"Ethernet{4 * leaf}", "front") for leaf in (1, 2)]
    for server, number in SERVERS.items():
        links.append(_link(server, "rail0", f"bl{number}", "Ethernet0", "backend"))
        links += [_link(server, f"front{home}", f"fl{home + 1}", f"Ethernet{4 * number}", "front") for home in (0, 1)]
        links.append(_link(server, "mgmt0", "oob1", f"swp{number}", "oob"))
    rails = {server: f"10.128.{2 * number}" for server, number in SERVERS.items()}
    return Design(
        pod=PodFacts(
            name="tiny",
            description="",
            domain="tiny.example.net",
            dns=(),
            ntp=(),
            slots=1,
            management_user="admin",
            management_port=22,
            python="/usr/bin/python3",
        ),
        fabrics=tuple(_plan(name) for name in MTU),
        devices=(
            *(_device(name, "host", unit=number) for name, number in SERVERS.items()),
            *(
                _device(name, "spine" if name[1] == "s" else "leaf", fabric_of[name])
                for name in ASNS
                if name[0] in "bf"
            ),
            _device("oob1", "leaf", "oob"),
        ),
        links=tuple(links),
        prefixes=(
            Prefix(prefix=POOL, use="pool", fabric="backend"),
            Prefix(prefix=HOSTS, use="hosts", fabric="front"),
            *(
                Prefix(prefix=f"{rails[server]}.0/24", use="leaf", fabric="backend", device=f"bl{number}")
                for server, number in SERVERS.items()
            ),
            Prefix(prefix="10.0.0.0/24", use="subnet", fabric="oob", device="oob1", gateway="10.0.0.254"),
        ),
        interfaces=(
            *(
                Interface(device=name, name="lo", kind="loopback", fabric=fabric_of[name], mtu=9000)
                for name in LOOPBACKS
            ),
            *(_interface(device, port, link) for link in links for device, port in _ends(link)),
        ),
        addresses=(
            *(
                Address(device=name, interface="lo", address=f"{address}/32", fabric=fabric_of[name])
                for name, address in LOOPBACKS.items()
            ),
            *(
                Address(device=server, interface="rail0", address=f"{rails[server]}.1/31", fabric="backend")
                for server in SERVERS
            ),
            *(
                Address(device=f"bl{number}", interface="Ethernet0", address=f"{rails[server]}.0/31", fabric="backend")
                for server, number in SERVERS.items()
            ),
            *(
                Address(device=server, interface="mgmt0", address=f"10.0.0.{number}/24", fabric="oob")
                for server, number in SERVERS.items()
            ),
            Address(device="oob1", interface="Vlan1001", address="10.0.0.254/24", fabric="oob"),
        ),
        attachments=tuple(_attachment(link) for link in links if link.a_device in SERVERS),
        host_routes=tuple(
            HostRoute(
                device=server,
                table=table,
                prefix=POOL,
                via=f"{rails[server]}.0",
                interface="rail0",
                source=f"{rails[server]}.1",
            )
            for server in SERVERS
            for table in (0, 100)
        ),
        source_rules=tuple(SourceRule(device=server, source=f"{rails[server]}.1/32", table=100) for server in SERVERS),
        routers=tuple(
            Router(device=name, fabric=fabric_of[name], asn=asn, router_id=LOOPBACKS[name], max_paths=4)
            for name, asn in ASNS.items()
        ),
        sessions=tuple(_session(link) for link in links if link.a_port != "rail0" and link.fabric != "oob"),
        classes=(_class(),),
        bindings=(
            *(ClassBinding(device=server, interface="rail0", name="rocev2") for server in SERVERS),
            *(
                ClassBinding(device=f"bl{number}", interface="Ethernet0", name="rocev2", buffer="port", ecn="leaf")
                for number in SERVERS.values()
            ),
        ),
    )


def tiny_topology(design: Design, folder: Path) -> Path:
    """Its topology file, as the product renders one."""
    groups = {device.name: "server" if device.tier == "host" else str(device.tier) for device in design.devices}
    sysctls = {
        "net.ipv4.ip_forward": 1,
        "net.ipv6.conf.all.forwarding": 1,
        "net.ipv4.fib_multipath_hash_policy": 1,
        "net.ipv4.conf.all.rp_filter": 0,
    }
    document = {
        "name": "tiny",
        "prefix": "",
        "topology": {
            "defaults": {"kind": "linux", "image": "podwright/node:1", "network-mode": "none", "sysctls": sysctls},
            "nodes": {name: {"group": group} for name, group in groups.items()},
            "links": [
                {"endpoints": [f"{link.a_device}:{link.a_port}", f"{link.b_device}:{link.b_port}"], "mtu": link.mtu}
                for link in design.links
            ],
        },
    }
    path = folder / "tiny.clab.yml"
    path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    return path


def configure(fabric: Fabric, design: Design, *, lldp: bool = False) -> None:
    """Addresses, daemons, routes and marks on every node, as roles would put them there."""
    for device in design.devices:
        script = [*_addresses(design, device.name)]
        if device.name in ASNS:
            script += [_write("/etc/frr/frr.conf", _frr(design, device.name)), "chown frr:frr /etc/frr/frr.conf"]
            script += [f"/usr/lib/frr/{daemon} -d" for daemon in ("zebra", "bgpd", "bfdd", "staticd")] + ["vtysh -b"]
        if device.name in SERVERS:
            script.append(_write("/etc/nftables.conf", _marks()) + "\nnft -f /etc/nftables.conf")
        if device.name in ("bl1", "bl2"):
            script.append(_write("/etc/qos.nft", QUEUES_OF_CLASSES) + "\nnft -f /etc/qos.nft")
            script.append(_write("/etc/qos.tc", QUEUES) + "\ntc -batch /etc/qos.tc")
        if device.name == "oob1":
            script += [
                "ip link add Vlan1001 up type bridge",
                "ip link set swp1 master Vlan1001",
                "ip link set swp2 master Vlan1001",
            ]
            script.append("ip addr add 10.0.0.254/24 dev Vlan1001")
        if lldp:
            script += [_write("/etc/lldpd.conf", "configure lldp portidsubtype ifname\nconfigure lldp tx-interval 1\n")]
            script += ["lldpd -u /run/lldpd.socket"]
        done = fabric.run(device.name, ["sh", "-ec", "\n".join(script)])
        assert done.status == 0, (device.name, done.stderr)


QUEUES_OF_CLASSES = """\
table inet podwright_qos {
  chain congested {
    ip ecn { ect1, ect0 } ip ecn set ce
  }
  chain egress {
    type filter hook postrouting priority mangle
    oifname "Ethernet0" meta priority set ip dscp map { 26 : 504f:13, 48 : 504f:16 }
    oifname "Ethernet0" meta priority 504f:13 limit rate over 17000 mbytes/second burst 40000 bytes jump congested
  }
}
"""
QUEUES = """\
qdisc add dev Ethernet0 root handle 504f: htb default 10
class add dev Ethernet0 parent 504f: classid 504f:1 htb rate 400gbit ceil 400gbit burst 102400000 cburst 102400000
class add dev Ethernet0 parent 504f:1 classid 504f:10 htb rate 1mbit ceil 400gbit cburst 102400000 prio 1 quantum 9050
class add dev Ethernet0 parent 504f:1 classid 504f:13 htb rate 1mbit ceil 400gbit cburst 102400000 prio 1 quantum 9050
class add dev Ethernet0 parent 504f:1 classid 504f:16 htb rate 1mbit ceil 400gbit cburst 102400000 prio 0 quantum 9014
"""


def _frr(design: Design, device: str) -> str:
    """A leaf marks what a spine says and tells no spine of it; a server hears of its pool and tells its own address.

    Without kernel nexthop objects: FRR 8.4 keeps a group for three minutes and reuses it after a flap, although the
    kernel has dropped the flapped member, so that one path stays unused.
    """
    tier = {each.name: each.tier for each in design.devices}
    neighbours = {session.a_interface: session.b_device for session in design.sessions if session.a_device == device}
    neighbours |= {session.b_interface: session.a_device for session in design.sessions if session.b_device == device}
    own = [prefix.prefix for prefix in design.prefixes if prefix.use == "leaf" and prefix.device == device]
    own += [HOSTS] if device.startswith("fl") else []
    lines = [
        "frr defaults datacenter",
        "no zebra nexthop kernel enable",
        f"hostname {device}",
        *(f"ip route {prefix} blackhole" for prefix in own),
    ]
    lines += [f"router bgp {ASNS[device]}", f" bgp router-id {LOOPBACKS[device]}", " no bgp ebgp-requires-policy"]
    lines += [" bgp bestpath as-path multipath-relax"]
    for interface in neighbours:
        lines += [f" neighbor {interface} interface remote-as external", f" neighbor {interface} bfd"]
    lines += [" address-family ipv4 unicast", "  maximum-paths 4"]
    lines += [f"  network {prefix}" for prefix in (f"{LOOPBACKS[device]}/32", *own)]
    for interface, neighbour in neighbours.items():
        words = f"{tier[device]}-{tier[neighbour]}".upper()
        lines += [
            f"  neighbor {interface} route-map IN-{words} in",
            f"  neighbor {interface} route-map OUT-{words} out",
        ]
    return "\n".join([*lines, " exit-address-family", f"ip prefix-list OWN permit {LOOPBACKS[device]}/32", POLICIES])


POLICIES = f"""\
ip prefix-list HOSTS permit {HOSTS}
bgp community-list standard SPINE permit 64900:1
route-map IN-LEAF-SPINE permit 10
 set community 64900:1 additive
route-map OUT-LEAF-SPINE deny 5
 match community SPINE
route-map OUT-LEAF-SPINE deny 6
 match ip address prefix-list HOSTS
route-map OUT-LEAF-SPINE permit 10
route-map IN-LEAF-HOST permit 10
route-map OUT-LEAF-HOST permit 10
 match ip address prefix-list HOSTS
route-map IN-SPINE-LEAF permit 10
route-map OUT-SPINE-LEAF permit 10
route-map IN-HOST-LEAF permit 10
 match ip address prefix-list HOSTS
route-map OUT-HOST-LEAF permit 10
 match ip address prefix-list OWN
"""


def _marks() -> str:
    return f"""\
table inet podwright {{
  chain output {{
    type route hook output priority mangle
    udp dport {ROCE} ip dscp set {DSCP}
  }}
}}
"""


def _write(path: str, text: str) -> str:
    return f"cat > {path} <<'END'\n{text}END"


def _addresses(design: Design, device: str) -> list[str]:
    lines = [
        f"ip addr add {each.address} dev {each.interface}"
        for each in design.addresses
        if each.device == device and not each.interface.startswith("Vlan")
    ]
    lines += [
        f"ip route add {each.prefix} via {each.via} dev {each.interface} src {each.source} table {each.table or 254}"
        for each in design.host_routes
        if each.device == device
    ]
    return lines + [
        f"ip rule add from {each.source} table {each.table}" for each in design.source_rules if each.device == device
    ]


def _class() -> TrafficClass:
    return TrafficClass(
        name="rocev2",
        dscp=DSCP,
        priority=3,
        udp_port=ROCE,
        traffic_class=3,
        cnp_dscp=48,
        cnp_traffic_class=6,
        bandwidth=50,
        dynamic_threshold=0,
        watchdog="drop",
        detection_ms=200,
        restoration_ms=400,
        poll_ms=200,
        origin="",
    )


def _plan(name: str) -> FabricPlan:
    carries = {"backend": ("compute",), "front": ("frontend",), "oob": ("management",)}[name]
    return FabricPlan(
        name=name,
        carries=carries,
        topology="leaf-spine",
        planes=1,
        rails=1,
        homes=1,
        rows=1,
        planned_units=2,
        leaves=2,
        spines=2,
        uplinks=2,
        uplink_gbps=400,
        underlay="bridged" if name == "oob" else "unnumbered",
        mtu=MTU[name],
        asn=4200000000,
        layout="",
        pools=(),
        bfd_interval_ms=300,
        bfd_multiplier=3,
        lossless="",
        origin="",
    )


def _device(name: str, tier: Tier, fabric: str = "", unit: int = 1) -> Device:
    return Device(
        name=name,
        kind="server" if tier == "host" else "switch",
        tier=tier,
        role="",
        fabric=fabric,
        plane=1,
        unit=unit,
        model="x",
        nos="frr",
        failure_domain="",
        origin="",
    )


def _link(a_device: str, a_port: str, b_device: str, b_port: str, fabric: str) -> Link:
    use = "management" if fabric == "oob" else "host" if a_device in SERVERS else "fabric"
    return Link(
        a_device=a_device,
        a_port=a_port,
        b_device=b_device,
        b_port=b_port,
        fabric=fabric,
        use=use,
        gbps=400,
        mtu=MTU[fabric],
        origin="",
    )


def _ends(link: Link) -> tuple[tuple[str, str], tuple[str, str]]:
    return (link.a_device, link.a_port), (link.b_device, link.b_port)


def _interface(device: str, port: str, link: Link) -> Interface:
    kind = "management" if port == "mgmt0" else "port"
    return Interface(device=device, name=port, kind=kind, fabric=link.fabric, mtu=link.mtu, port=port)


def _attachment(link: Link) -> Attachment:
    mode = {"backend": "routed", "front": "bgp", "oob": "access"}[link.fabric]
    return Attachment(
        device=link.a_device,
        interface=link.a_port,
        nic="x",
        pci="",
        fabric=link.fabric,
        plane=1,
        rail=0,
        role="",
        mode=mode,
        addressed_by="host",
        leaf=link.b_device,
        leaf_port=link.b_port,
        origin="",
    )


def _session(link: Link) -> Session:
    return Session(
        a_device=link.a_device,
        a_interface=link.a_port,
        a_asn=ASNS[link.a_device],
        b_device=link.b_device,
        b_interface=link.b_port,
        b_asn=ASNS[link.b_device],
        fabric=link.fabric,
        use="host" if link.a_device in SERVERS else "fabric",
    )
