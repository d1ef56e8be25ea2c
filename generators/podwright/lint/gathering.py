"""Gathers what several files say about one host."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from podwright.lint.readers.host_text import address_of
from podwright.lint.readers.roce import NicSettings
from podwright.lint.readers.sysfs import Value, pci_of, traffic_class
from podwright.lint.records import Gid, Host, Mark, Nic, NicQos, Rule, Said, Spot

ROCE_V2 = "v2"
EMPTY_GID = "::"
FORCED = "traffic_class"


class Gathered:
    """A host while its files are read."""

    def __init__(self, name: str, spot: Spot) -> None:
        self.name = name
        self.spot = spot
        self.sysctl: dict[str, Said[str]] = {}
        self.job: dict[str, Said[str]] = {}
        self.gpus: dict[str, tuple[int, ...]] = {}
        self.rules: tuple[Rule, ...] | None = None
        self._nics: dict[str, Nic] = {}
        self._qos: dict[str, NicQos] = {}
        self._gids: dict[tuple[str, int, int], Gid] = {}
        self._marks: list[Mark] = []
        self._cnp: dict[str, Said[int]] = {}
        self._cnp_priorities: dict[str, Said[int]] = {}
        self._ecn: dict[str, dict[int, Said[bool]]] = {}
        self._rdma_mtu: dict[str, Said[int]] = {}
        self._rdma_pci: dict[str, str] = {}
        self._kinds: dict[tuple[str, int, int], str] = {}
        self._netdevs: dict[tuple[str, int, int], str] = {}
        self._pairs: dict[str, str] = {}

    @property
    def has_only_a_job(self) -> bool:
        """Whether nothing is known but variables of a job, as in a folder `job/`."""
        facts = (
            self._nics,
            self._qos,
            self._gids,
            self._marks,
            self._cnp,
            self._ecn,
            self._rdma_mtu,
            self.sysctl,
            self.gpus,
        )
        return bool(self.job) and not any(facts) and self.rules is None

    def add_nics(self, nics: Iterable[Nic]) -> None:
        for nic in nics:
            known = self._nics.get(nic.netdev)
            self._nics[nic.netdev] = nic if known is None else replace(
                known, addresses=nic.addresses, mtu=nic.mtu or known.mtu, pci=nic.pci or known.pci, spot=nic.spot
            )  # fmt: skip

    def add_qos(self, qos: NicQos) -> None:
        known = self._qos.get(qos.netdev)
        self._qos[qos.netdev] = qos if known is None else replace(
            known, trust=qos.trust or known.trust, pfc=qos.pfc or known.pfc,
            priorities={**known.priorities, **qos.priorities},
        )  # fmt: skip

    def add_settings(self, settings: Iterable[NicSettings]) -> None:
        for each in settings:
            self.add_qos(each.qos)
            self._marks.append(each.mark)
            self._cnp[each.netdev] = each.cnp
            self._cnp_priorities[each.netdev] = each.cnp_priority
            if each.rdma:
                self._pairs[each.rdma] = each.netdev

    def add_gids(self, gids: Iterable[Gid]) -> None:
        self._gids |= {(gid.device, gid.port, gid.index): gid for gid in gids}

    def add_devinfo(self, gids: Iterable[Gid], mtus: Mapping[str, Said[int]]) -> None:
        self.add_gids(gid for gid in gids if (gid.device, gid.port, gid.index) not in self._gids)
        self._rdma_mtu |= mtus

    def add_speeds(self, speeds: Iterable[tuple[str, int, Spot]]) -> None:
        for netdev, mbps, spot in speeds:
            self._nics[netdev] = replace(self._nic(netdev, spot), mbps=mbps)

    def add_mark(self, by: str, device: str, tclass: int, spot: Spot) -> None:
        self._marks.append(Mark(by, device, tclass, spot, forced=by == FORCED))

    def add_place(self, netdev: str, pci: str, spot: Spot) -> None:
        """The slot of a network device."""
        self._nics[netdev] = replace(self._nic(netdev, spot), pci=pci)

    def add_pairs(self, pairs: Iterable[tuple[str, str, Spot]]) -> None:
        for rdma, netdev, spot in pairs:
            self._pairs[rdma] = netdev
            self._nic(netdev, spot)

    def add_values(self, values: Iterable[Value]) -> None:
        for value in values:
            self._add_value(value)

    def _add_value(self, value: Value) -> None:
        key = (value.device, value.port, value.number)
        if value.what in ("tclass", "cma"):
            tclass = traffic_class(value.text)
            if tclass is not None:
                self.add_mark(
                    FORCED if value.what == "tclass" else "default_roce_tos", value.device, tclass, value.spot
                )
        elif value.what == "gid":
            if address_of(value.text) != EMPTY_GID:
                self.add_gids([Gid(*key, address_of(value.text), 1, "", value.spot)])
        elif value.what == "gid_kind":
            self._kinds[key] = value.text
        elif value.what == "gid_netdev":
            self._netdevs[key] = value.text
        elif value.what == "ecn":
            states = self._ecn.setdefault(value.device, {})
            was = states.get(value.number)
            on = value.text == "1" and (was is None or was.value)
            states[value.number] = Said(on, value.spot)
        elif value.what == "pci":
            self._nics[value.device] = replace(self._nic(value.device, value.spot), pci=pci_of(value.text))
        elif value.what == "rdma_pci":
            self._rdma_pci[value.device] = pci_of(value.text)
        elif value.text.isdecimal():
            self._add_number(value, int(value.text))

    def _add_number(self, value: Value, number: int) -> None:
        if value.what == "cnp":
            self._cnp[value.device] = Said(number, value.spot)
        elif value.what == "cnp_priority":
            self._cnp_priorities[value.device] = Said(number, value.spot)
        elif value.what == "mtu" and value.device != "lo":
            self._nics[value.device] = replace(self._nic(value.device, value.spot), mtu=number)
        elif value.what == "speed" and value.device != "lo":
            self._nics[value.device] = replace(self._nic(value.device, value.spot), mbps=number)

    def _nic(self, netdev: str, spot: Spot) -> Nic:
        return self._nics.setdefault(netdev, Nic(netdev=netdev, spot=spot))

    def host(self, job: Mapping[str, Said[str]]) -> Host:
        """The host; `job` are the variables that hold for all hosts."""
        gids = tuple(self._gid(key, gid) for key, gid in sorted(self._gids.items()))
        pairs = {gid.netdev: gid.device for gid in gids if gid.netdev} | {
            net: rdma for rdma, net in self._pairs.items()
        }
        by_pci = {pci: rdma for rdma, pci in self._rdma_pci.items() if pci}
        nics = {}
        for name, nic in self._nics.items():
            rdma = pairs.get(name) or by_pci.get(nic.pci, "")
            nics[name] = replace(nic, rdma=rdma, gpus=self.gpus.get(rdma) or self.gpus.get(name, ()))
        return Host(
            name=self.name,
            spot=self.spot,
            nics=nics,
            qos=self._qos,
            marks=tuple(self._marks),
            cnp=self._cnp,
            cnp_priorities=self._cnp_priorities,
            ecn_off={
                device: {n: on for n, on in states.items() if not on.value} for device, states in self._ecn.items()
            },
            gids=gids,
            rdma_mtu=self._rdma_mtu,
            sysctl=self.sysctl,
            rules=self.rules,
            job={**job, **self.job},
        )

    def _gid(self, key: tuple[str, int, int], gid: Gid) -> Gid:
        kind = self._kinds.get(key)
        version = gid.version if kind is None else 2 if ROCE_V2 in kind else 1
        return replace(gid, version=version, netdev=gid.netdev or self._netdevs.get(key, ""))
