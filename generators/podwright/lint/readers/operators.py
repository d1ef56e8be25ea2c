"""Resources of Kubernetes operators that configure NICs, and lists of rails: YAML, of which only known kinds count.

https://github.com/Mellanox/nic-configuration-operator, https://github.com/k8snetworkplumbingwg/sriov-network-operator
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from podwright.lint.readers.problems import Problems
from podwright.lint.records import Path, Said, Spot, Template

KINDS = ("NicConfigurationTemplate", "NicInterfaceNameTemplate", "NicClusterPolicy", "SriovNetworkNodePolicy")
RAILS = "rails"
_PCI = re.compile(r"(?:([0-9a-f]{4,8}):)?([0-9a-f]{2}:[0-9a-f]{2}\.[0-7])")
_SLACK = 100_000
"""How many values aliases may add to a document, which takes a part of a second."""
_FIX = "Collect it with `kubectl get -o yaml`, or mend the line."


class _TooMuchError(Exception):
    """Aliases of aliases make more of a text than anybody wrote."""


class Document:
    """One YAML document: its data, and the line of every value by its path. Raises _TooMuchError where it has more than `most`
    values.
    """

    def __init__(self, node: yaml.Node, most: int) -> None:
        self.lines: dict[Path, int] = {}
        self._left = most
        self.data: Any = self._built(node, ())

    def _built(self, node: yaml.Node, path: Path) -> Any:
        self._left -= 1
        if self._left < 0:
            raise _TooMuchError
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
        nodes = yaml.compose_all(text, Loader=yaml.SafeLoader)
        return [Document(node, len(text) + _SLACK) for node in nodes if node is not None]
    except _TooMuchError:
        problems.unreadable(Spot(file, line=1), "its aliases stand for more values than lint reads", _FIX)
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


def read_templates(file: str, documents: list[Document], problems: Problems) -> Iterator[Template]:
    """Templates of the known kinds, those within a `List` too."""
    for document in documents:
        if not isinstance(document.data, dict):
            continue
        if isinstance(document.data.get("items"), list):
            for number, each in enumerate(document.data["items"]):
                yield from _template(_Reader(file, document, each, ("items", str(number)), problems))
        else:
            yield from _template(_Reader(file, document, document.data, (), problems))


def _template(reader: _Reader) -> Iterator[Template]:
    kind = reader.text("kind")
    told: dict[str, Any] = {
        "kind": kind,
        "name": reader.text("metadata", "name"),
        "namespace": reader.text("metadata", "namespace"),
        "spot": reader.spot(),
    }
    if kind == "NicConfigurationTemplate":
        yield _configuration(reader, told)
    elif kind == "NicInterfaceNameTemplate":
        rails = ("spec", "railPciAddresses")
        listed = reader.found(*rails)
        numbers = range(len(listed)) if isinstance(listed, list) else ()
        yield Template(
            **told,
            rails=tuple(
                Said(
                    tuple(each.value for each in reader.addresses(*rails, str(number))),
                    reader.spot(*rails, str(number)),
                )
                for number in numbers
                if isinstance(listed[number], list)
            ),
        )
    elif kind == "SriovNetworkNodePolicy":
        yield Template(**told, pci=reader.addresses("spec", "nicSelector", "rootDevices"))
    elif isinstance(reader.found(RAILS), list):
        yield Template(**{**told, "kind": RAILS}, rails=tuple(_rails(reader)))


def _configuration(reader: _Reader, told: Mapping[str, Any]) -> Template:
    optimized = ("spec", "template", "roceOptimized")
    enabled = reader.text(*optimized, "enabled")
    raw = reader.found("spec", "template", "rawNvConfig")
    return Template(
        **told,
        pci=reader.addresses("spec", "nicSelector", "pciAddresses"),
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


def _rails(reader: _Reader) -> Iterator[Said[tuple[str, ...]]]:
    """The PCI address of each rail in the order of their numbers."""
    numbered = [
        (_whole(str(each.get("rail", number))), number)
        for number, each in enumerate(reader.found(RAILS))
        if isinstance(each, dict) and "pci" in each
    ]
    for _, number in sorted(numbered, key=lambda each: (each[0] is None, each)):
        address = reader.address(RAILS, str(number), "pci")
        yield Said(() if address is None else (address.value,), reader.spot(RAILS, str(number)))


class _Reader:
    """Looks up values by their path; what is not there is empty."""

    def __init__(self, file: str, document: Document, data: Any, path: Path, problems: Problems) -> None:
        self._file, self._document, self._data, self._path = file, document, data, path
        self._problems = problems

    def found(self, *keys: str) -> Any:
        value = self._data
        for key in keys:
            if isinstance(value, list) and key.isdecimal() and int(key) < len(value):
                value = value[int(key)]
            else:
                value = value.get(key) if isinstance(value, Mapping) else None
        return value

    def text(self, *keys: str) -> str:
        value = self.found(*keys)
        return value if isinstance(value, str) else ""

    def addresses(self, *keys: str) -> tuple[Said[str], ...]:
        """A list of PCI addresses."""
        value = self.found(*keys)
        found = (self.address(*keys, str(number)) for number in range(len(value) if isinstance(value, list) else 0))
        return tuple(each for each in found if each is not None)

    def address(self, *keys: str) -> Said[str] | None:
        """A PCI address as the kernel writes it, in small letters and with its domain; None, and a problem, where it is none."""
        value, spot = self.found(*keys), self.spot(*keys)
        known = _PCI.fullmatch(str(value).strip().lower())
        if known is None:
            self._problems.wrong(spot, f"`{str(value)[:40]}` is no PCI address", "Write it as 0000:1a:00.0.")
            return None
        return Said(f"{known[1] or '0000'}:{known[2]}", spot)

    def spot(self, *keys: str) -> Spot:
        path = (*self._path, *keys)
        return Spot(self._file, path, self._document.lines.get(path, 1))


def _whole(text: str) -> int | None:
    return int(text) if text.isdecimal() else None
