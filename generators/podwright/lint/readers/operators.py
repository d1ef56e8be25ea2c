"""Resources of Kubernetes operators that configure NICs, and lists of rails: YAML, of which only known kinds count.

https://github.com/Mellanox/nic-configuration-operator, https://github.com/k8snetworkplumbingwg/sriov-network-operator
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from podwright.lint.readers.problems import Problems
from podwright.lint.records import Path, Said, Spot, Template

KINDS = ("NicConfigurationTemplate", "NicInterfaceNameTemplate", "NicClusterPolicy", "SriovNetworkNodePolicy")
RAILS = "rails"
_FIX = "Collect it with `kubectl get -o yaml`, or mend the line."


class Document:
    """One YAML document: its data, and the line of every value by its path."""

    def __init__(self, node: yaml.Node) -> None:
        self.lines: dict[Path, int] = {}
        self.data: Any = self._built(node, ())

    def _built(self, node: yaml.Node, path: Path) -> Any:
        self.lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            found = {}
            for key, value in node.value:
                name = str(key.value)
                self.lines[(*path, name)] = key.start_mark.line + 1
                found[name] = self._built(value, (*path, name))
            return found
        if isinstance(node, yaml.SequenceNode):
            return [self._built(each, (*path, str(number))) for number, each in enumerate(node.value)]
        return str(node.value)


def read_documents(file: str, text: str, problems: Problems) -> list[Document]:
    """The documents of a file; none, and a problem, where it is no YAML."""
    try:
        return [Document(node) for node in yaml.compose_all(text, Loader=yaml.SafeLoader) if node is not None]
    except yaml.MarkedYAMLError as problem:
        line = problem.problem_mark.line + 1 if problem.problem_mark else 1
        problems.unreadable(Spot(file, line=line), f"it is not YAML: {problem.problem}", _FIX)
    except (yaml.YAMLError, RecursionError) as problem:
        problems.unreadable(Spot(file, line=1), f"it is not YAML: {str(problem).splitlines()[0]}", _FIX)
    return []


def is_known(documents: list[Document]) -> bool:
    """Whether something in a file is of a known kind, or a list of rails."""
    return any(_has_known_kind(each.data) for each in documents)


def _has_known_kind(data: Any) -> bool:
    if not isinstance(data, dict):
        return False
    items = data.get("items")
    within = isinstance(items, list) and any(_has_known_kind(each) for each in items)
    return within or data.get("kind") in KINDS or isinstance(data.get(RAILS), list)


def read_templates(file: str, documents: list[Document]) -> Iterator[Template]:
    """Templates of the known kinds, those within a `List` too."""
    for document in documents:
        if not isinstance(document.data, dict):
            continue
        if isinstance(document.data.get("items"), list):
            for number, each in enumerate(document.data["items"]):
                yield from _template(file, document, each, ("items", str(number)))
        else:
            yield from _template(file, document, document.data, ())


def _template(file: str, document: Document, data: Any, path: Path) -> Iterator[Template]:
    reader = _Reader(file, document, data, path)
    kind = reader.text("kind")
    name = reader.text("metadata", "name")
    spot = reader.spot()
    if kind == "NicConfigurationTemplate":
        yield _configuration(reader, kind, name, spot)
    elif kind == "NicInterfaceNameTemplate":
        rails = reader.found("spec", "railPciAddresses")
        yield Template(
            kind=kind,
            name=name,
            spot=spot,
            rails=tuple(
                Said(tuple(map(str, each)), reader.spot("spec", "railPciAddresses", str(number)))
                for number, each in enumerate(rails if isinstance(rails, list) else ())
                if isinstance(each, list)
            ),
        )
    elif kind == "SriovNetworkNodePolicy":
        yield Template(kind=kind, name=name, spot=spot, pci=reader.items("spec", "nicSelector", "rootDevices"))
    elif isinstance(data, dict) and isinstance(data.get(RAILS), list):
        yield Template(kind=RAILS, name=name, spot=spot, rails=tuple(_rails(reader, data[RAILS])))


def _configuration(reader: _Reader, kind: str, name: str, spot: Spot) -> Template:
    optimized = ("spec", "template", "roceOptimized")
    enabled = reader.text(*optimized, "enabled")
    raw = reader.found("spec", "template", "rawNvConfig")
    return Template(
        kind=kind,
        name=name,
        spot=spot,
        pci=reader.items("spec", "nicSelector", "pciAddresses"),
        roce_optimized=Said(enabled.lower() == "true", reader.spot(*optimized, "enabled")) if enabled else None,
        qos={
            key: Said(reader.text(*optimized, "qos", key), reader.spot(*optimized, "qos", key))
            for key in ("trust", "pfc", "tos")
            if reader.text(*optimized, "qos", key)
        },
        parameters={
            str(each.get("name", "")): Said(
                str(each.get("value", "")), reader.spot("spec", "template", "rawNvConfig", str(number))
            )
            for number, each in enumerate(raw if isinstance(raw, list) else ())
            if isinstance(each, dict)
        },
    )


def _rails(reader: _Reader, listed: list[Any]) -> Iterator[Said[tuple[str, ...]]]:
    """The PCI address of each rail in the order of their numbers."""
    numbered = [
        (_whole(str(each.get("rail", number))), number, str(each["pci"]))
        for number, each in enumerate(listed)
        if isinstance(each, dict) and "pci" in each
    ]
    for _, number, pci in sorted(numbered, key=lambda each: (each[0] is None, each[0])):
        yield Said((pci,), reader.spot(RAILS, str(number)))


class _Reader:
    """Looks up values by their path; what is not there is empty."""

    def __init__(self, file: str, document: Document, data: Any, path: Path) -> None:
        self._file, self._document, self._data, self._path = file, document, data, path

    def found(self, *keys: str) -> Any:
        value = self._data
        for key in keys:
            value = value.get(key) if isinstance(value, Mapping) else None
        return value

    def text(self, *keys: str) -> str:
        value = self.found(*keys)
        return value if isinstance(value, str) else ""

    def items(self, *keys: str) -> tuple[Said[str], ...]:
        value = self.found(*keys)
        listed = value if isinstance(value, list) else ()
        return tuple(
            Said(each, self.spot(*keys, str(number))) for number, each in enumerate(listed) if isinstance(each, str)
        )

    def spot(self, *keys: str) -> Spot:
        path = (*self._path, *keys)
        return Spot(self._file, path, self._document.lines.get(path, 1))


def _whole(text: str) -> int | None:
    return int(text) if text.isdecimal() else None
