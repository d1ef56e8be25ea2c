"""Files travel from servers to those that mount them, and to nobody else, over NFS in user space.

A twin's kernel has no NFS: nfs-ganesha serves what the delivered list of exports says, and libnfs mounts it. The server
keeps its files in the node's own /run; nothing of it stays.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import NamedTuple

from podwright.lab.driver import Completed, Fabric
from podwright.model.design import Design, Export, Store
from podwright.model.report import Trial
from podwright.verify.asking import judge

GROUP = "storage"
PROGRAMS = ("ganesha.nfsd", "nfs-cp", "nfs-cat", "nfs-ls")
LIST = "/run/podwright.exports"
_HOME = "/run/podwright-nfs"
_READ_OCTETS, _WRITE_OCTETS = 1 << 20, 3000
"""libnfs 4.0 of Debian 12 fails to write more in one call, so what is written is small and what is read is not."""
_READY, _ANSWER = 10.0, 15
"""Seconds: until the server must answer, and for any one question of a client."""

_CONFIGURATION = """\
NFS_CORE_PARAM {{ NFS_Protocols = 4; Bind_addr = {address}; Enable_NLM = false; Enable_RQUOTA = false; }}
NFS_KRB5 {{ Active_krb5 = false; }}
NFSv4 {{ Graceless = true; RecoveryBackend = fs; RecoveryRoot = "{home}/recovery"; }}
"""
_EXPORT = """\
EXPORT {{
  Export_Id = {number}; Path = "{home}/files{path}"; Pseudo = "{path}"; Protocols = 4; Transports = TCP; SecType = sys;
  Squash = Root_Squash; Access_Type = None;
  FSAL {{ Name = VFS; }}
  CLIENT {{ Clients = {clients}; Access_Type = RW; }}
}}
"""


class Course(NamedTuple):
    """One store: the export to be tried, the servers of the twin that mount it, and one that may not."""

    store: Store
    export: Export
    clients: tuple[str, ...]
    stranger: str


def missing_programs(design: Design, fabric: Fabric) -> list[str]:
    """Those that a server of the lab lacks."""
    node = next(device.name for device in design.devices if device.kind == "server")
    return [name for name in PROGRAMS if fabric.run(node, ["sh", "-c", f"command -v {name}"]).status != 0]


def courses(design: Design) -> list[Course]:
    """Every store of which the twin has a server and a client."""
    servers = [device for device in design.devices if device.kind == "server"]
    on_fabric = {(each.device, each.fabric) for each in design.addresses if each.interface == "lo"}
    planned = []
    for store in design.stores:
        exports = [each for each in design.exports if each.store == store.name and each.server]
        able = [each for each in servers if (each.name, store.fabric) in on_fabric]
        clients = tuple(each.name for each in able if each.group in store.groups)
        strangers = [each.name for each in able if each.group not in (*store.groups, store.group)]
        if exports and clients:
            planned.append(Course(store, exports[0], clients, next(iter(strangers), "")))
    return planned


def try_storage(design: Design, fabric: Fabric) -> Iterator[Trial]:
    """Three trials a store: a file is read whole, one is written and read elsewhere, and a stranger is refused."""
    for course in courses(design):
        since = time.monotonic()
        try:
            if complaints := _serve(fabric, course.export):
                claim = f"{course.export.server} serves {course.store.name} from its delivered list of exports"
                yield judge(GROUP, claim, complaints, since)
                continue
            yield _reads(fabric, course)
            yield _writes(fabric, course)
            if course.stranger:
                yield _refuses(fabric, course)
        finally:
            stop = f"[ -e {_HOME}/pid ] && kill -9 $(cat {_HOME}/pid) ; rm -rf {_HOME}"
            fabric.run(course.export.server, ["sh", "-c", stop])


def configuration(listed: str, address: str) -> str:
    """nfs-ganesha's configuration for a list in the words of exports(5)."""
    lines = [line.split() for line in listed.splitlines() if line and not line.startswith("#")]
    blocks = (
        _EXPORT.format(
            number=number,
            home=_HOME,
            path=path,
            clients=", ".join(client.partition("(")[0] for client in clients),
        )
        for number, (path, *clients) in enumerate(lines, 1)
    )
    return _CONFIGURATION.format(home=_HOME, address=address) + "".join(blocks)


def _serve(fabric: Fabric, export: Export) -> list[str]:
    """Start the server of an export from the list that was delivered; returns why it does not serve."""
    listed = fabric.run(export.server, ["cat", LIST])
    if listed.status != 0:
        return [f"{LIST} is not there: apply the pod"]
    files = f"{_HOME}/files{export.path}"
    script = (
        f"mkdir -p {_HOME}/recovery {files} /run/ganesha && chmod 1777 {files} && cat >{_HOME}/ganesha.conf && "
        f"head -c {_READ_OCTETS} /dev/urandom >{files}/read && "
        f"ganesha.nfsd -f {_HOME}/ganesha.conf -L {_HOME}/log -p {_HOME}/pid"
    )
    started = fabric.run(export.server, ["sh", "-c", script], stdin=configuration(listed.stdout, export.address))
    if started.status == 0 and _listens(fabric, export):
        return []
    said = fabric.run(export.server, ["tail", "-n", "3", f"{_HOME}/log"]).stdout
    return [f"nfs-ganesha does not serve at {export.address}", *(said or started.stderr).splitlines()]


def _listens(fabric: Fabric, export: Export) -> bool:
    """Whether the server listens within the time that it has, as the node itself sees it."""
    listening = ["sh", "-c", f"ss -Hltn 'sport = :2049' | grep -qF {export.address}"]
    deadline = time.monotonic() + _READY
    while fabric.run(export.server, listening).status != 0:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.3)
    return True


def _reads(fabric: Fabric, course: Course) -> Trial:
    since = time.monotonic()
    export, client = course.export, course.clients[0]
    wanted = _digest(fabric.run(export.server, ["sha256sum", f"{_HOME}/files{export.path}/read"]))
    got = _digest(_client(fabric, client, f"nfs-cat '{_address(export, 'read')}' >/run/read && sha256sum /run/read"))
    complaints = [] if got == wanted else [f"{client} got other contents, or none: {got or 'nothing'}"]
    claim = f"{client} reads a file of {course.store.name} from {export.server}, every octet of it"
    return judge(GROUP, claim, complaints, since, {"octets": _READ_OCTETS})


def _writes(fabric: Fabric, course: Course) -> Trial:
    since = time.monotonic()
    export, writer, reader = course.export, course.clients[0], course.clients[-1]
    target = _address(export, "written")
    made = (
        f"head -c {_WRITE_OCTETS} /dev/urandom >/run/write && nfs-cp /run/write '{target}' >&2 && sha256sum /run/write"
    )
    wanted = _digest(_client(fabric, writer, made))
    got = _digest(_client(fabric, reader, f"nfs-cat '{target}' >/run/read && sha256sum /run/read"))
    complaints = [] if wanted else [f"{writer} cannot write"]
    if wanted and got != wanted:
        complaints.append(f"{reader} got other contents, or none: {got or 'nothing'}")
    claim = f"{writer} writes a file of {course.store.name} to {export.server}, and {reader} reads the same"
    return judge(GROUP, claim, complaints, since, {"octets": _WRITE_OCTETS})


def _refuses(fabric: Fabric, course: Course) -> Trial:
    since = time.monotonic()
    export = course.export
    answered = _client(fabric, course.stranger, f"nfs-ls '{_address(export, '')}'").status == 0
    complaints = [f"{export.server} let it mount {export.path}"] if answered else []
    claim = f"{course.stranger}, which may not mount {course.store.name}, is refused by {export.server}"
    return judge(GROUP, claim, complaints, since)


def _address(export: Export, name: str) -> str:
    return f"nfs://{export.address}{export.path}/{name}?version=4"


def _client(fabric: Fabric, node: str, script: str) -> Completed:
    return fabric.run(node, ["timeout", str(_ANSWER), "sh", "-c", script], timeout=_ANSWER + 10)


def _digest(done: Completed) -> str:
    return done.stdout.partition(" ")[0] if done.status == 0 else ""
