"""NFS on Linux servers: what one exports, how its server listens, and what one mounts.

Sources: exports(5), nfs.conf(5) and nfs(5) of nfs-utils, systemd.mount(5) for the options that begin with `x-systemd`.
"""

from __future__ import annotations

from collections.abc import Iterator

from podwright.model.artifact import Artifact
from podwright.projection.records import ExportConfig, HostConfig, MountConfig, PodConfig

HEADER = "# Written by Podwright from the blueprint.\n"
GRANTED = "rw,sync,root_squash,no_subtree_check"
KEPT = ("hard", "noatime")
STARTED = ("_netdev", "nofail", "x-systemd.automount", "x-systemd.mount-timeout=30s")
"""Mounted when first used: a server that is down delays neither the start of a client nor that of another mount."""


def render(pod: PodConfig) -> Iterator[Artifact]:
    """configs/<server>/... : `exports` and `nfs.conf` of one that serves files, `fstab` of one that mounts some."""
    for host in pod.hosts:
        for name, text in _files(host):
            yield Artifact(path=f"configs/{host.name}/{name}", text=text, target="nfs", device=host.name)


def _files(host: HostConfig) -> Iterator[tuple[str, str]]:
    if host.exports:
        yield "exports", exports(host.exports)
        yield "nfs.conf", listening(host.exports)
    if host.mounts:
        yield "fstab", fstab(host.mounts)


def exports(granted: tuple[ExportConfig, ...]) -> str:
    """Lines of exports(5). Root of a client is nobody here, and prefixes stand where `*` would let in everyone."""
    return HEADER + "".join(
        f"{each.path} {' '.join(f'{client}({GRANTED})' for client in each.clients)}\n" for each in granted
    )


def listening(granted: tuple[ExportConfig, ...]) -> str:
    """nfsd listens at the addresses of its exports only, and speaks version 4 only, which needs no other port."""
    addresses = ",".join(sorted({each.address for each in granted}))
    return HEADER + f"[nfsd]\nhost={addresses}\nudp=n\ntcp=y\nvers3=n\nvers4=y\n"


def fstab(mounts: tuple[MountConfig, ...]) -> str:
    """Lines of fstab(5)."""
    return "".join(f"{each.address}:{each.export} {each.path} nfs4 {_options(each)} 0 0\n" for each in mounts)


def _options(mount: MountConfig) -> str:
    spoken = (f"vers={mount.version}", "proto=tcp", f"nconnect={mount.connections}")
    return ",".join((*spoken, *KEPT, *STARTED))


__all__ = ["render"]
