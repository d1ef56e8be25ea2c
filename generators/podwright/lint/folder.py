"""A folder as records: which file is what, told by its content, and to which switch or host it belongs.

A file belongs to the folder it lies in; one at the top to the device that its name begins with, or, where it is about a job
or an operator, to every host. No file ever takes the place of another: what cannot be one device is several.
"""

from __future__ import annotations

import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from podwright.catalog import Catalog
from podwright.design.headroom import parse as parse_lookup
from podwright.errors import UsageError
from podwright.lint.chain import does, listed
from podwright.lint.gathering import Gathered
from podwright.lint.neighbours import with_neighbours
from podwright.lint.owners import Owners, device_folder
from podwright.lint.readers import appl_db, config_db, host_data, host_text, operators, sysfs
from podwright.lint.readers.foreign import system_of
from podwright.lint.readers.json_text import JsonError, parse
from podwright.lint.readers.lldp import is_lldp, read_lldp
from podwright.lint.readers.problems import Problems
from podwright.lint.readers.roce import is_roce, read_roce
from podwright.lint.readers.routing import is_frr, read_frr
from podwright.lint.records import Options, Said, Seen, Spot, Switch, Template

_LARGEST = 64 * 1024 * 1024
_SEE = "docs/stages/lint.md"
_LIMIT = re.compile(r"BUFFER_MAX_PARAM_TABLE\W(?P<port>Ethernet\d+).*?max_headroom_size\D+(?P<bytes>\d+)", re.DOTALL)
_VALUE_FILE = re.compile(
    r"(?P<what>cma_roce_tos|default_roce_tos|traffic_class)([._-](?P<device>[\w-]+?))?(\.txt|\.log)?$"
)
_ENDING = re.compile(r"\.(txt|log|out)$")
_PROGRAM = re.compile(r"(^|[-_])(mlnx_?qos|dcb|qos|ethtool)([-_](pfc|app|i))?([-_]|$)|^(pfc|app)$")
_LOOKUP = "pg_profile_lookup"
_FRR = "frr.conf"
_OF_ONE_CHIP = re.compile(r"config_db(\d+)\.json$")
"""On a switch with several chips each has a database of its own beside that of the whole, and is called asic0, asic1..."""


class Reading:
    """What a folder holds: its records, what readers have against it, the text of each file by its name there, and the files
    in which nothing is known.
    """

    def __init__(self, seen: Seen, problems: Problems, texts: dict[str, str], unread: tuple[str, ...]) -> None:
        self.seen = seen
        self.unread = unread
        self.problems = problems
        self.texts = texts


def read_folder(folder: Path, catalog: Catalog, options: Options) -> Reading:
    """Every file of the folder. Raises UsageError where there is no folder, or where nothing in it can be read."""
    texts, problems = _texts(folder)
    reader = _Reader(catalog, problems, Owners(texts))
    for file, text in texts.items():
        reader.take(file, text)
    seen = reader.seen(options)
    if not (seen.switches or seen.hosts or seen.templates or seen.job or list(problems)):
        raise UsageError(
            f"{folder} holds no file that lint can read",
            fix="Collect config_db.json of the switches and the facts of the hosts, as the page tells.",
            see=_SEE,
        )
    if seen.foreign and not seen.switches:
        _tell_of_no_switch(seen.foreign, problems)
    return Reading(seen, problems, texts, tuple(reader.unread))


def _tell_of_no_switch(foreign: tuple[Said[str], ...], problems: Problems) -> None:
    problems.no_switch(
        foreign[0].spot,
        f"no configuration of a switch was read, so nothing holds hosts against switches: {listed(said.spot.file for said in foreign)}"
        f" {does(foreign, 'is', 'are')} of {listed(said.value for said in foreign)}, which lint does not read yet",
        "Look at these switches by other means: lint reads config_db.json of SONiC.",
    )


def _texts(folder: Path) -> tuple[dict[str, str], Problems]:
    if not folder.is_dir():
        raise UsageError(
            f"{folder} is no folder", fix="Name the folder that holds what was collected from the devices.", see=_SEE
        )
    texts, problems = {}, Problems()
    for path in sorted(_files(folder, problems)):
        file = path.relative_to(folder).as_posix()
        try:
            if path.stat().st_size > _LARGEST:
                problems.unreadable(Spot(file), "it is larger than 64 MiB", "Leave it out of the folder.")
                continue
            texts[file] = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            problems.unreadable(
                Spot(file), "it is not text in UTF-8", "Leave it out of the folder, or collect it again."
            )
        except OSError as problem:
            problems.unreadable(Spot(file), f"it cannot be read: {problem.strerror}", "Make it readable.")
    return texts, problems


def _files(folder: Path, problems: Problems) -> Iterator[Path]:
    """Every file, but for hidden ones. What lies in the folder itself goes before what links lead to, no folder is read twice,
    and a link to a folder around this one is a circle.
    """
    known = {os.path.realpath(each) for each in folder.resolve().parents}
    waiting, links = [folder], list[Path]()
    while waiting or links:
        path = waiting.pop() if waiting else links.pop()
        if path.name.startswith(".") and path != folder:
            continue
        if path.is_symlink() and waiting:
            links.append(path)
        elif path.is_file():
            yield path
        elif path.is_dir() and os.path.realpath(path) not in known:
            known.add(os.path.realpath(path))
            waiting += _listed(path, path.relative_to(folder).as_posix(), problems)


def _listed(path: Path, called: str, problems: Problems) -> list[Path]:
    """What a folder holds, last first."""
    try:
        return sorted(path.iterdir(), reverse=True)
    except OSError as problem:
        problems.unreadable(Spot(called), f"the folder cannot be read: {problem.strerror}", "Make it readable.")
    return []


class _Reader:
    """Sorts files by what they hold."""

    def __init__(self, catalog: Catalog, problems: Problems, owners: Owners) -> None:
        self._catalog = catalog
        self._problems = problems
        self._owners = owners
        self._switches: list[tuple[str, Switch]] = []
        """Every switch, and its device."""
        self._beside: dict[str, list[tuple[str, str]]] = defaultdict(list)
        """Files that mean something beside a config_db.json, by the name of the device."""
        self._running: dict[str, list[tuple[str, dict[str, Any]]]] = defaultdict(list)
        self._heard: dict[str, dict[str, tuple[str, tuple[str, ...]]]] = {}
        self._hosts: dict[str, Gathered] = {}
        self._common = Gathered("", Spot(""))
        self._templates: list[Template] = []
        self._foreign: list[Said[str]] = []
        self.unread: list[str] = []

    def take(self, file: str, text: str) -> None:
        name = Path(file).name
        if not text.strip():
            return
        if _LOOKUP in name or _LIMIT.search(text) or name.endswith(("platform.json", "hwsku.json", _FRR)):
            self._beside[self._owners.of(file)].append((file, text))
        elif system := system_of(text):
            self._foreign.append(Said(system, Spot(file, line=1)))
        elif name.endswith((".yaml", ".yml")):
            self._take_yaml(file, text)
        elif text.lstrip()[:1] in "{[":
            self._take_json(file, text)
        elif not self._take_text(file, text):
            self.unread.append(file)

    def _take_json(self, file: str, text: str) -> None:
        try:
            data, twice = parse(text)
        except JsonError as problem:
            self._problems.unreadable(
                Spot(file, line=problem.line), problem.message, "Mend the line, or collect the file again."
            )
            return
        for line, key in twice:
            self._problems.wrong(
                Spot(file, line=line),
                f"`{key}` stands twice in one object, and the last counts",
                "Take one of them away.",
            )
        if config_db.is_config_db(data):
            owner = self._owners.of_switch(file)
            read = config_db.read_switch(file, owner, data, self._catalog, self._problems)
            self._switches.append((owner, read))
        elif appl_db.is_appl_db(data):
            self._running[self._owners.of(file)].append((file, data))
        elif is_roce(data):
            self._host(file).add_settings(read_roce(file, data, self._problems))
        elif host_data.is_addresses(data):
            self._host(file).add_nics(host_data.read_addresses(file, data, self._problems))
        elif host_data.is_rules(data):
            self._host(file).rules = host_data.read_rules(file, data)
        elif data not in ([], {}):
            self.unread.append(file)

    def _take_yaml(self, file: str, text: str) -> None:
        documents = operators.read_documents(file, text, self._problems)
        self._templates += operators.read_templates(file, documents, self._problems)
        if documents and not operators.is_known(documents):
            self.unread.append(file)

    def _take_text(self, file: str, text: str) -> bool:
        host = self._host
        if is_lldp(text):
            self._heard[self._owners.of(file)] = {port: (device, words) for port, device, words in read_lldp(text)}
        elif host_text.is_mlnx_qos(text):
            host(file).add_qos(host_text.read_mlnx_qos(file, _device(file), text, self._problems))
        elif host_text.is_dcb(text):
            host(file).add_qos(host_text.read_dcb(file, _device(file), text))
        elif host_text.is_devinfo(text):
            host(file).add_devinfo(*host_text.read_devinfo(file, text))
        elif host_text.is_ethtool(text):
            host(file).add_speeds(host_text.read_ethtool(file, text))
        elif host_text.is_driver(text):
            host(file).add_place(_device(file), host_text.pci_of_driver(text), Spot(file))
        elif host_text.is_gids(text):
            host(file).add_gids(host_text.read_gids(file, text))
        elif host_text.is_topology(text):
            host(file).gpus |= host_text.read_topology(text)
        elif host_text.is_ibdev2netdev(text):
            host(file).add_pairs(host_text.read_ibdev2netdev(file, text))
        elif (found := _VALUE_FILE.search(Path(file).name)) and sysfs.traffic_class(text) is not None:
            host(file).add_mark(
                found["what"], found["device"] or "", sysfs.traffic_class(text) or 0, Spot(file, line=1)
            )
        elif sysfs.is_sysfs(text):
            host(file).add_values(sysfs.read_sysfs(file, text))
        elif host_text.is_sysctl(text):
            host(file).sysctl |= host_text.read_sysctl(file, text)
        elif host_text.is_variables(text):
            host(file, of_all=True).job |= host_text.read_variables(file, text)
        else:
            return False
        return True

    def _host(self, file: str, of_all: bool = False) -> Gathered:
        if of_all and not device_folder(file):
            return self._common
        owner = self._owners.of(file)
        return self._hosts.setdefault(owner, Gathered(owner, Spot(file)))

    def seen(self, options: Options) -> Seen:
        switches = list(self._named_apart())
        beside = [self._with_beside(owner, switch) for owner, switch in switches]
        job = self._common.job | self._of_the_job()
        hosts = tuple(each.host(job) for _, each in sorted(self._hosts.items()))
        heard = {switch.name: self._heard[owner] for owner, switch in switches if owner in self._heard}
        return Seen(
            switches=with_neighbours(beside, hosts, heard),
            hosts=hosts,
            templates=tuple(self._templates),
            job=job,
            foreign=tuple(self._foreign),
            options=options,
        )

    def _of_the_job(self) -> dict[str, Said[str]]:
        """The variables in a folder of the job's own, which is no host. Several such folders are hosts."""
        alone = [owner for owner, host in self._hosts.items() if host.has_only_a_job]
        return self._hosts.pop(alone[0]).job if len(alone) == 1 else {}

    def _named_apart(self) -> Iterator[tuple[str, Switch]]:
        """Every switch with its device, called as its hostname; those of one hostname by their chips, devices or files."""
        switches = [switch for _, switch in sorted(self._switches, key=lambda each: (each[0], each[1].spot.file))]
        owners = {switch.spot.file: owner for owner, switch in self._switches}
        for named in (
            lambda switch: _with_chip(switch.name, switch),
            lambda switch: _with_chip(owners[switch.spot.file], switch),
            lambda switch: switch.spot.file,
        ):
            often = Counter(switch.name for switch in switches)
            switches = [
                replace(switch, name=named(switch)) if often[switch.name] > 1 else switch for switch in switches
            ]
        yield from ((owners[switch.spot.file], switch) for switch in switches)

    def _with_beside(self, owner: str, switch: Switch) -> Switch:
        for file, text in self._beside.get(owner, ()):
            if _LOOKUP in file:
                parsed = parse_lookup(text)
                for each in parsed.problems:
                    self._problems.wrong(Spot(file), each, "Copy the file from the switch again.")
                switch = replace(switch, lookup=parsed.rows, lookup_file=file)
            elif file.endswith(_FRR):
                switch = replace(switch, routing=read_frr(text, switch.routing) if is_frr(text) else switch.routing)
            elif file.endswith("platform.json"):
                interfaces = self._interfaces(file, text)
                switch = replace(
                    switch,
                    port_modes={port: tuple(fields["breakout_modes"]) for port, fields in interfaces.items()},
                    port_lanes={port: _count(fields.get("lanes")) for port, fields in interfaces.items()},
                )
            else:
                limits = {found["port"]: int(found["bytes"]) for found in _LIMIT.finditer(text)}
                switch = replace(switch, headroom_limits={**switch.headroom_limits, **limits})
        for file, data in self._running.get(owner, ()):
            switch = appl_db.with_running_buffers(switch, file, data, self._problems)
        return switch

    def _interfaces(self, file: str, text: str) -> dict[str, dict[str, Any]]:
        """The ports that a platform.json lists, all of them with the breakouts that they have."""
        try:
            interfaces = parse(text).data.get("interfaces", {})
            if all(isinstance(fields["breakout_modes"], dict | list) for fields in interfaces.values()):
                return dict(interfaces)
        except JsonError as problem:
            self._problems.unreadable(Spot(file, line=problem.line), problem.message, "Copy the file again.")
            return {}
        except (AttributeError, KeyError, TypeError):
            pass
        self._problems.unreadable(Spot(file), "it has no `interfaces` with `breakout_modes`", "Copy the file again.")
        return {}


def _count(lanes: object) -> int:
    """How many lanes a platform.json lists, as text with commas; 0 where it lists none."""
    return len(lanes.split(",")) if isinstance(lanes, str) and lanes else 0


def _with_chip(name: str, switch: Switch) -> str:
    """The name, and the chip where the switch's file is of one of several."""
    chip = _OF_ONE_CHIP.search(switch.spot.file)
    return f"{name}-asic{chip[1]}" if chip else name


def _device(file: str) -> str:
    """The network device that a file's name holds: `mlnx_qos.rail0.txt`, `gpu-1.mlnx_qos_rail0`; empty where it has none."""
    folder, _, name = file.rpartition("/")
    parts = _ENDING.sub("", name).split(".")
    if not folder and len(parts) > 1 and not _PROGRAM.match(parts[0]):
        parts = parts[1:]
    return next((word for word in (_PROGRAM.sub("", part) for part in parts) if word), "")
