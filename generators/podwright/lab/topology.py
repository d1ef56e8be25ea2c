"""Reads a rendered containerlab topology file: exactly the keys Podwright renders, everything else refused.

The same file is what `containerlab deploy` takes, so a lab of either driver is the lab of this file.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

import msgspec
import yaml

from podwright.errors import LabError

DEFAULT_MTU = 9500
"""Octets; what containerlab gives a link whose MTU the file does not write."""

_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}")
_INTERFACE = re.compile(r"[a-zA-Z][a-zA-Z0-9._-]{0,14}")
_SYSCTL = re.compile(r"net(\.[a-z0-9_-]+)+")
_MTU_RANGE = range(68, 65536)

_TOP_KEYS = frozenset({"name", "prefix", "mgmt", "topology"})
_MGMT_KEYS = frozenset({"network", "external-access"})
_TOPOLOGY_KEYS = frozenset({"defaults", "nodes", "links"})
_NODE_KEYS = frozenset({"kind", "image", "network-mode", "cap-add", "group", "sysctls", "labels"})
_LINK_KEYS = frozenset({"endpoints", "mtu"})


_Item = TypeVar("_Item", bound=Hashable)


class Endpoint(msgspec.Struct, frozen=True, order=True):
    """One end of a cable: an interface of a node."""

    node: str
    interface: str

    def __str__(self) -> str:
        return f"{self.node}:{self.interface}"


class Link(msgspec.Struct, frozen=True, order=True):
    """One cable. `mtu` is the IP MTU of both interfaces, in octets."""

    a: Endpoint
    b: Endpoint
    mtu: int = DEFAULT_MTU

    @property
    def ends(self) -> tuple[Endpoint, Endpoint]:
        return self.a, self.b

    def __str__(self) -> str:
        return f"{self.a} - {self.b}"


class Node(msgspec.Struct, frozen=True):
    """One machine of the lab. `sysctls` maps dotted names (net. only) to values, defaults of the file included."""

    name: str
    group: str = ""
    sysctls: dict[str, str] = {}
    labels: dict[str, str] = {}


class Topology(msgspec.Struct, frozen=True):
    """A whole lab as its file describes it. `prefix` stands before container names (None: containerlab's own)."""

    name: str
    path: str
    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    prefix: str | None = None

    def links_of(self, node: str) -> tuple[Link, ...]:
        """Every cable that ends in `node`, in file order."""
        return tuple(link for link in self.links if any(end.node == node for end in link.ends))

    def interfaces_of(self, node: str) -> tuple[str, ...]:
        """Every interface of `node` that has a cable, in file order."""
        return tuple(end.interface for link in self.links for end in link.ends if end.node == node)


def read(path: Path) -> Topology:
    """Read the topology file at `path`.

    Raises LabError, with file and line, where the file is missing, is not YAML, holds a key this driver does not
    honour, or describes cables that can't be.
    """
    try:
        document = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError) as problem:
        raise LabError(f"The topology file {path} can't be read: {problem}.", fix="Render it again.") from problem
    except yaml.YAMLError as problem:
        raise LabError(f"The topology file {path} is not YAML: {problem}.", fix="Render it again.") from problem
    return _Reader(path).topology(document)


class _Reader:
    """Turns the composed nodes of one file into records; every refusal names the file and the line."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def topology(self, document: yaml.Node | None) -> Topology:
        if document is None:
            raise LabError(f"The topology file {self._path} is empty.", fix="Render it again.")
        top = self._mapping(document, "the file", _TOP_KEYS)
        for key in ("name", "topology"):
            if key not in top:
                raise self._refusal(document, f"the key {key!r} is missing")
        if "mgmt" in top:
            self._mapping(top["mgmt"], "mgmt", _MGMT_KEYS)
        body = self._mapping(top["topology"], "topology", _TOPOLOGY_KEYS)
        nodes = tuple(self._nodes(body))
        return Topology(
            name=self._name(top["name"], "lab"),
            path=str(self._path.resolve()),
            nodes=nodes,
            links=self._links(body.get("links"), {node.name for node in nodes}),
            prefix=self._text(top["prefix"]) if "prefix" in top else None,
        )

    def _nodes(self, body: Mapping[str, yaml.Node]) -> Iterator[Node]:
        defaults = self._node_keys(body.get("defaults"), "topology.defaults")
        for name, (label, value) in self._named(body.get("nodes"), "topology.nodes").items():
            keys = {**defaults, **self._node_keys(value, f"topology.nodes.{name}")}
            self._supported_kind(label, name, keys)
            yield Node(
                name=self._name(label, "node"),
                group=self._text(keys["group"]) if "group" in keys else "",
                sysctls=self._sysctls(defaults.get("sysctls")) | self._sysctls(keys.get("sysctls")),
                labels=self._texts(defaults.get("labels"), "labels") | self._texts(keys.get("labels"), "labels"),
            )

    def _node_keys(self, value: yaml.Node | None, where: str) -> dict[str, yaml.Node]:
        return {} if _is_null(value) else self._mapping(value, where, _NODE_KEYS)

    def _supported_kind(self, label: yaml.Node, name: str, keys: Mapping[str, yaml.Node]) -> None:
        kind = self._text(keys["kind"]) if "kind" in keys else ""
        if kind != "linux":
            raise self._refusal(keys.get("kind", label), f"node {name!r} has kind {kind!r}, only 'linux' is supported")

    def _sysctls(self, value: yaml.Node | None) -> dict[str, str]:
        sysctls = self._texts(value, "sysctls")
        for key in sysctls:
            if not _SYSCTL.fullmatch(key):
                raise self._refusal(value, f"the sysctl {key!r} is not one of a node's own (net.*)")
        return sysctls

    def _texts(self, value: yaml.Node | None, where: str) -> dict[str, str]:
        return {key: self._text(item) for key, (_, item) in self._named(value, where).items()}

    def _links(self, value: yaml.Node | None, known: set[str]) -> tuple[Link, ...]:
        if _is_null(value):
            return ()
        items = self._sequence(value, "topology.links")
        links = tuple(self._link(item, known) for item in items)
        for end in _twice(end for link in links for end in link.ends):
            raise self._refusal(value, f"the interface {end} has two cables")
        return links

    def _link(self, value: yaml.Node, known: set[str]) -> Link:
        keys = self._mapping(value, "topology.links", _LINK_KEYS)
        if "endpoints" not in keys:
            raise self._refusal(value, "a link has no endpoints")
        ends = [self._endpoint(item, known) for item in self._sequence(keys["endpoints"], "endpoints")]
        if len(ends) != 2:
            raise self._refusal(value, "a link has two endpoints")
        return Link(ends[0], ends[1], self._mtu(keys["mtu"]) if "mtu" in keys else DEFAULT_MTU)

    def _endpoint(self, value: yaml.Node, known: set[str]) -> Endpoint:
        text = self._text(value)
        node, _, interface = text.rpartition(":")
        if not _INTERFACE.fullmatch(interface):
            raise self._refusal(value, f"the endpoint {text!r} has no interface name of at most 15 characters")
        if node not in known:
            raise self._refusal(value, f"the endpoint {text!r} names a node that the file does not have")
        return Endpoint(node, interface)

    def _mtu(self, value: yaml.Node) -> int:
        text = self._text(value)
        if not text.isascii() or not text.isdigit() or int(text) not in _MTU_RANGE:
            raise self._refusal(value, f"the MTU {text!r} is not a number of octets from 68 to 65535")
        return int(text)

    def _name(self, value: yaml.Node, what: str) -> str:
        name = self._text(value)
        if not is_name(name):
            raise self._refusal(
                value, f"{name!r} is not the name of a {what} (letters, digits, dot, hyphen, underscore)"
            )
        return name

    def _text(self, value: yaml.Node) -> str:
        if not isinstance(value, yaml.ScalarNode):
            raise self._refusal(value, "a plain value is expected here")
        return str(value.value)

    def _sequence(self, value: yaml.Node | None, where: str) -> list[yaml.Node]:
        if not isinstance(value, yaml.SequenceNode):
            raise self._refusal(value, f"{where} must be a list")
        return list(value.value)

    def _mapping(self, value: yaml.Node | None, where: str, allowed: frozenset[str]) -> dict[str, yaml.Node]:
        entries = self._named(value, where)
        for key, (label, _) in entries.items():
            if key not in allowed:
                raise self._refusal(label, f"the key {key!r} of {where} is not supported by a lab")
        return {key: item for key, (_, item) in entries.items()}

    def _named(self, value: yaml.Node | None, where: str) -> dict[str, tuple[yaml.Node, yaml.Node]]:
        """Key -> (the key's node, the value's node) of a mapping."""
        if _is_null(value):
            return {}
        if not isinstance(value, yaml.MappingNode):
            raise self._refusal(value, f"{where} must be a mapping")
        pairs = [(self._text(key), key, item) for key, item in value.value]
        for name in _twice(name for name, _, _ in pairs):
            raise self._refusal(value, f"the key {name!r} of {where} is written twice")
        return {name: (key, item) for name, key, item in pairs}

    def _refusal(self, value: yaml.Node | None, problem: str) -> LabError:
        line = f":{value.start_mark.line + 1}" if value is not None else ""
        return LabError(
            f"The topology file {self._path}{line} can't be built: {problem}.",
            fix="Render the topology again, or remove what was added by hand.",
        )


def is_name(text: str) -> bool:
    """Whether `text` can name a lab or a node: at most 63 letters, digits, dots, hyphens, underscores."""
    return _NAME.fullmatch(text) is not None


def _is_null(value: yaml.Node | None) -> bool:
    return value is None or (isinstance(value, yaml.ScalarNode) and value.tag == "tag:yaml.org,2002:null")


def _twice(items: Iterable[_Item]) -> list[_Item]:
    return [item for item, count in Counter(items).items() if count > 1]
