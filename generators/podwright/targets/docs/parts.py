"""What has to be bought: the parts of a pod, each counted from the design.

A cable has two ends. At an end of fibre stands a transceiver, one a cage of a switch however the cage is split, one a
port of a NIC; the plugs of copper belong to the cable. So the ports that transceivers serve, and the plugs of copper, are
twice as many as cables.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import msgspec

from podwright.model.design import Breakout
from podwright.projection.records import Cable, PodConfig
from podwright.targets.docs.words import speed

KINDS = ("server", "switch", "NIC port", "cable", "transceiver")


class Part(msgspec.Struct, frozen=True, order=True):
    """A line of the bill. `ports`: for cables their ends, for transceivers the ports they serve, else 0."""

    kind: str
    item: str
    description: str
    gbps: int
    metres: int
    count: int
    ports: int

    @property
    def speed(self) -> str:
        return speed(self.gbps) if self.gbps else ""

    @property
    def length(self) -> str:
        return f"{self.metres} m" if self.metres else ""


class Cage(msgspec.Struct, frozen=True):
    """What a transceiver goes into: a switch's cage with its split, or a port whose form only its owner knows."""

    form: str
    description: str
    gbps: int
    medium: str


class Cages:
    """The cages of switches, by the ports in them."""

    def __init__(self, pod: PodConfig) -> None:
        self._cages = {(each.device, each.cage): each for each in pod.breakouts}
        self._inside = {(switch.name, port.name): port.cage for switch in pod.switches for port in switch.ports}

    def of(self, device: str, port: str) -> Breakout | None:
        """None for a port that is in no cage of a switch of ours."""
        return self._cages.get((device, self._inside.get((device, port), 0)))

    def splits(self, cable: Cable) -> Iterator[str]:
        """How the cages at its ends are split, those that are."""
        for device, port in ((cable.a_device, cable.a_port), (cable.b_device, cable.b_port)):
            cage = self.of(device, port)
            if cage and not cage.mode.startswith("1x"):
                yield f"cage split {cage.mode}"


def bill(pod: PodConfig) -> tuple[Part, ...]:
    """Every part of the pod, kind by kind; what stands outside is not ours to buy and is left out but for its cables."""
    cages = Cages(pod)
    return (*_devices(pod), *_nics(pod), *_cables(pod, cages), *_transceivers(pod, cages))


def attached(pod: PodConfig) -> frozenset[str]:
    """The media whose plugs belong to the cable."""
    return frozenset(each.medium for each in pod.link_classes if each.ends == "attached")


def _devices(pod: PodConfig) -> Iterator[Part]:
    counts = Counter(entry.model for entry in pod.entries)
    for model in pod.models:
        yield Part(model.kind, model.name, model.title, 0, 0, counts[model.name], 0)


def _nics(pod: PodConfig) -> Iterator[Part]:
    counts = Counter((each.nic, each.gbps) for host in pod.hosts for each in host.interfaces if each.nic)
    for (nic, gbps), count in sorted(counts.items()):
        yield Part("NIC port", nic, "in servers", gbps, 0, count, 0)


def _cables(pod: PodConfig, cages: Cages) -> Iterator[Part]:
    """Copper on a split cage is an arm of a breakout cable, so it says how its cages are split."""
    copper = attached(pod)
    counts: Counter[tuple[str, str, int, int]] = Counter()
    for cable in pod.cables:
        words = [pod.media.get(cable.medium, ""), *(cages.splits(cable) if cable.medium in copper else ())]
        counts[cable.medium or "unknown", ", ".join(words), cable.gbps, cable.metres] += 1
    for (medium, description, gbps, metres), count in sorted(counts.items()):
        yield Part("cable", medium, description, gbps, metres, count, 2 * count)


def _transceivers(pod: PodConfig, cages: Cages) -> Iterator[Part]:
    loose = frozenset(pod.media) - attached(pod)
    outside = {entry.name for entry in pod.entries if entry.kind == "outside"}
    ports: Counter[Cage] = Counter()
    filled: dict[Cage, set[tuple[str, object]]] = {}
    for cable in pod.cables:
        if cable.medium not in loose:
            continue
        for device, port in ((cable.a_device, cable.a_port), (cable.b_device, cable.b_port)):
            split = cages.of(device, port)
            cage = _cage(split, cable, pod.media, ours=device not in outside)
            ports[cage] += 1
            filled.setdefault(cage, set()).add((device, split.cage if split else port))
    for cage, count in sorted(ports.items(), key=lambda item: msgspec.structs.astuple(item[0])):
        yield Part("transceiver", cage.form, cage.description, cage.gbps, 0, len(filled[cage]), count)


def _cage(split: Breakout | None, cable: Cable, media: Mapping[str, str], *, ours: bool) -> Cage:
    medium = media[cable.medium]
    if split is not None:
        return Cage(split.form, f"split {split.mode}, {medium}", split.gbps, cable.medium)
    if ours:
        return Cage("nic", f"in the form of the NIC, {medium}", cable.gbps, cable.medium)
    return Cage("outside", f"at the router outside, {medium}", cable.gbps, cable.medium)
