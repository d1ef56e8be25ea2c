"""Random valid small pods, as documents (plain data, as a blueprint's YAML gives it) over a catalogue in memory."""

from __future__ import annotations

from copy import deepcopy
from functools import lru_cache
from typing import Any

import msgspec
import yaml
from hypothesis import assume
from hypothesis import strategies as st
from msgspec.structs import replace

from podwright.catalog import Cages, Catalog, Nic, Nos, Server, Switch
from podwright.catalog import load as shipped
from podwright.design import Designed, design
from podwright.model.blueprint import Blueprint
from podwright.model.design import Design
from podwright.model.report import Severity

Document = dict[str, Any]

TABLES = tuple(field for field in Design.__struct_fields__ if field != "pod")


def nos() -> dict[str, Nos]:
    return {
        "sonic": Nos(
            whole="Ethernet{index}",
            sub="Ethernet{index}",
            management="eth0",
            alias_whole="etp{cage}",
            alias_sub="etp{cage}{letter}",
        ),
        "cumulus": Nos(whole="swp{cage}", sub="swp{cage}s{sub0}", management="eth0"),
        "eos": Nos(whole="Ethernet{cage}/1", sub="Ethernet{cage}/{sub}", management="Management1"),
    }


def switch(*cages: Cages) -> Switch:
    return Switch(
        title="a switch",
        vendor="none",
        asic="spectrum-4",
        rack_units=1,
        max_watts=1,
        cages=cages,
        nos=nos(),
        source=("https://example.net/",),
    )


def osfp(count: int, first: int = 1, index: int = 0) -> Cages:
    return Cages(
        first=first,
        count=count,
        form="osfp",
        lanes=8,
        modes=("1x800G", "2x400G", "4x200G", "8x100G"),
        index=index,
        lane=index,
        slower=("400G", "200G", "100G", "50G", "25G", "10G"),
    )


def server(
    rails: int, planes: int = 1, fronts: int = 0, stores: int = 0, management: bool = True, gbps: int = 400
) -> Server:
    """A server with a compute NIC port for each rail and plane, some frontend and storage ports, perhaps a BMC."""
    nics = [
        Nic(role="compute", rail=rail, plane=plane, gbps=gbps, model="nic", pci=f"0000:{16 + rail:02x}:00.{plane - 1}")
        for rail in range(rails)
        for plane in range(1, planes + 1)
    ]
    nics += [Nic(role="frontend", gbps=200, model="dpu", pci=f"0000:a0:00.{number}") for number in range(fronts)]
    nics += [Nic(role="storage", gbps=200, model="dpu", pci=f"0000:b0:00.{number}") for number in range(stores)]
    if management:
        nics += [
            Nic(role="management", gbps=1, model="lom", pci="0000:01:00.0"),
            Nic(role="management", gbps=1, model="bmc", controller=True),
        ]
    return Server(
        title="a server",
        vendor="none",
        purpose="compute" if rails else "control",
        rack_units=1,
        max_watts=1,
        gpus=rails,
        gpu_model="gpu" if rails else "",
        nics=tuple(nics),
        source=("https://example.net/",),
    )


@lru_cache
def catalog() -> Catalog:
    servers = {
        f"r{rails}p{planes}f{fronts}m{int(management)}": server(rails, planes, fronts, 0, management)
        for rails in range(9)
        for planes in (1, 2)
        for fronts in range(3)
        for management in (False, True)
    }
    servers |= {
        f"{name}s2": replace(each, nics=(*each.nics, *server(0, 1, 0, 2, management=False).nics))
        for name, each in servers.items()
    }
    servers |= {"slow": server(4, 1, 2, gbps=200), "stores": server(0, 1, 1, 1), "many": server(2, 1, 3)}
    servers["ancient"] = server(4, 1, 0, management=False, gbps=1)
    two = server(0, 1, 2)
    servers["two-loms"] = replace(
        two, nics=(*two.nics, Nic(role="management", gbps=1, model="lom", pci="0000:01:00.1"))
    )
    return Catalog(
        switches={
            "small": switch(osfp(16)),
            "large": switch(osfp(64)),
            "mixed": switch(
                Cages(first=1, count=48, form="rj45", lanes=1, modes=("1x1G",), index=0, lane=0),
                Cages(
                    first=49,
                    count=8,
                    form="qsfp28",
                    lanes=4,
                    modes=("1x100G", "2x50G", "4x25G"),
                    index=48,
                    lane=48,
                    slower=("50G", "40G", "25G", "10G", "1G"),
                ),
            ),
        },
        servers=servers,
        cables=shipped().cables,
        asics=shipped().asics,
    )


def blueprint(document: Document) -> Blueprint:
    return msgspec.convert(document, Blueprint)


def designed(document: Document) -> Designed:
    return design(blueprint(document), catalog())


def built(document: Document) -> Design:
    """The design of a document that is meant to be buildable."""
    product = designed(document)
    errors = [finding for finding in product.findings if finding.severity is Severity.ERROR]
    assert not errors, errors
    return product.design


def buildable(document: Document) -> bool:
    return all(finding.severity is not Severity.ERROR for finding in designed(document).findings)


def as_document(text: str) -> Document:
    return dict(yaml.safe_load(text))


def pod(*groups: tuple[str, str, int, int, int], slots: int = 8, **fabrics: Document) -> Document:
    """A document with groups given as (name, model, count, unit, slot)."""
    return {
        "podwright": 1,
        "name": "tiny",
        "site": {"domain": "tiny.example.net", "ntp": ["192.0.2.123"]},
        "units": {"slots": slots},
        "servers": {
            name: {"model": model, "count": count, "at": {"unit": unit, "slot": slot}}
            for name, model, count, unit, slot in groups
        },
        "fabrics": fabrics,
    }


def backend(**changes: Any) -> Document:
    return {
        "carries": ["compute"],
        "topology": "rail-optimised",
        "leaf": {"model": "large", "nos": "sonic"},
        "spine": {"model": "large", "nos": "sonic"},
        "planned_units": 4,
        "pool": "10.128.0.0/10",
        "lossless": "rocev2",
    } | changes


def front(**changes: Any) -> Document:
    return {
        "carries": ["frontend", "storage"],
        "topology": "leaf-spine",
        "leaf": {"model": "large", "nos": "sonic"},
        "spine": {"model": "large", "nos": "sonic"},
        "planned_units": 4,
        "pool": "10.16.0.0/14",
        "asn": 4250000000,
        "outside": {"edge": {"asn": 64999, "peers": ["192.0.2.0/31", "192.0.2.2/31"]}},
    } | changes


def converged(**changes: Any) -> Document:
    return front(carries=["compute", "frontend", "storage"], pool="10.128.0.0/10", host_pool="10.16.0.0/14") | changes


def oob(**changes: Any) -> Document:
    return {
        "carries": ["management"],
        "topology": "tree",
        "leaf": {"model": "mixed", "nos": "cumulus"},
        "spine": {"model": "small", "nos": "cumulus"},
        "pool": "10.0.0.0/16",
    } | changes


def without(document: Document, *keys: str) -> Document:
    """A deep copy that lacks the key at a path."""
    copy = deepcopy(document)
    *path, last = keys
    spot = copy
    for key in path:
        spot = spot[key]
    del spot[last]
    return copy


def changed(document: Document, *path: Any) -> Document:
    """A deep copy in which the path but its last step leads to that last step as value."""
    copy = deepcopy(document)
    *keys, key, value = path
    spot = copy
    for step in keys:
        spot = spot.setdefault(step, {})
    spot[key] = value
    return copy


@st.composite
def fabrics(draw: st.DrawFn, rails: int, planes: int, units: int, slots: int) -> Document:
    """Fabrics that carry every role: rails, frontend and storage apart or converged, in every topology."""
    how = draw(
        st.sampled_from(
            ["apart", "apart", "stores apart"] + ["converged"] * (planes == 1) + ["one switch"] * (planes == units == 1)
        )
    )
    made: Document = {}
    numbered = draw(st.booleans())
    underlay: Document = {"underlay": "numbered"} if numbered else {}
    if how.endswith("apart"):
        made["backend"] = (
            backend(planes=planes, rails=max(rails, 1), oversubscription=draw(st.sampled_from([1.0, 2.0]))) | underlay
        )
        made["front"] = front(homes=draw(st.sampled_from([1, 2]))) | underlay
        if numbered:
            made["backend"]["link_pool"] = "10.64.0.0/12"
            made["front"]["link_pool"] = "10.80.0.0/12"
        if how == "stores apart":
            made["front"]["carries"] = ["frontend"]
            made["archive"] = front(carries=["storage"], pool="10.20.0.0/14", asn=4202000000, outside={}) | underlay
            if numbered:
                made["archive"]["link_pool"] = "10.96.0.0/12"
    elif how == "converged":
        made["all"] = converged(rails=max(rails, 1), homes=draw(st.sampled_from([1, 2]))) | underlay
        if numbered:
            made["all"]["link_pool"] = "10.64.0.0/12"
    else:
        made["all"] = without(converged(topology="single", rails=max(rails, 1)), "spine")
    for fabric in made.values():
        if not numbered and draw(st.booleans()):
            fabric["pool6"] = (
                "fd10:128::/64" if "compute" in fabric["carries"] else f"fd10:{fabric['pool'].split('.')[1]}::/64"
            )
            if "host_pool" in fabric:
                fabric["host_pool6"] = "fd10:17::/64"
        if "spine" in fabric:
            if draw(st.booleans()):
                fabric["leaf"]["slots"] = draw(st.sampled_from([each for each in (1, 2, 4, 8) if each <= slots]))
            if draw(st.booleans()):
                fabric["spine"]["count"] = draw(st.integers(1, 4))
        fabric["leaf"]["nos"] = draw(st.sampled_from(["sonic", "cumulus", "eos"]))
    match draw(st.sampled_from(["tree", "none"] + ["tree of one model"] * (units < 3) + ["single"] * (units == 1))):
        case "tree":
            made["oob"] = oob()
        case "tree of one model":
            made["oob"] = without(oob(), "spine")
        case "single":
            made["oob"] = without(oob(topology="single"), "spine")
        case _:
            pass
    return made


@st.composite
def pods(draw: st.DrawFn, *, shared: bool = False) -> Document:
    """A random pod that can be built: up to three groups over up to three units; some fabrics have tenants where `shared`."""
    slots = draw(st.integers(1, 8))
    planes = draw(st.sampled_from([1, 1, 2]))
    rails = draw(st.integers(0, 8))
    groups = []
    place = draw(st.integers(0, 3))
    for name in ("gpu", "store", "control")[: draw(st.integers(1, 3))]:
        own_rails = rails if name == "gpu" else 0
        fronts = draw(st.integers(0 if own_rails else 1, 2))
        model = f"r{own_rails}p{planes if own_rails else 1}f{fronts}m{int(draw(st.booleans()))}"
        model += draw(st.sampled_from(["", "s2"]))
        count = draw(st.integers(1, 5))
        groups.append((name, model, count, place // slots + 1, place % slots + 1))
        place += count + draw(st.integers(0, 3))
    document = pod(*groups, slots=slots)
    document["fabrics"] = draw(fabrics(rails, planes, (place - 1) // slots + 1, slots))
    assume(buildable(document))
    return draw(storage(draw(tenants(document)) if shared else document))


@st.composite
def tenants(draw: st.DrawFn, document: Document) -> Document:
    """The document, with tenants in some fabrics: of one group each, routed or (on rails) bridged, leaving groups out."""
    shared = document
    for name, fabric in document["fabrics"].items():
        if fabric["topology"] in ("leaf-spine", "rail-optimised") and draw(st.booleans()):
            for number, group in enumerate(sorted(document["servers"]), 1):
                if draw(st.booleans()):
                    bridged = "compute" in fabric["carries"] and draw(st.booleans())
                    tenant = {"id": 3 * number, "servers": [group], "bridged": bridged}
                    shared = changed(shared, "fabrics", name, "tenants", f"of-{group}", tenant)
    return shared if buildable(shared) else document


@st.composite
def storage(draw: st.DrawFn, document: Document) -> Document:
    """The document, with stores where it has servers that can reach each other: its own files, or a filer's outside."""
    fabric = next((name for name, each in document["fabrics"].items() if "frontend" in each["carries"]), "")
    stores: Document = {}
    store = {"kind": "nfs", "fabric": fabric, "export": "/scratch", "mount": {"gpu": "/mnt/scratch"}}
    if "store" in document["servers"] and draw(st.booleans()):
        stores["scratch"] = store | {"servers": "store"} | {"checkpoint": {"parameters_billion": 7}}
    if draw(st.booleans()):
        filer = {"addresses": ["172.16.0.1", "172.16.0.2"][: draw(st.integers(1, 2))]}
        stores["home"] = store | {"external": filer, "mount": {"gpu": "/home"}}
    with_stores = document | {"storage": stores}
    return with_stores if stores and buildable(with_stores) else document
