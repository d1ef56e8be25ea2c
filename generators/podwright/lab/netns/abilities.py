"""What this kernel and this user can do, found out by trying each thing in namespaces of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import msgspec

from podwright.errors import EngineError, LabError
from podwright.lab.netns.enter import ENVIRONMENT
from podwright.lab.registry import Mode

_PROGRAMS = {
    "unshare": "util-linux",
    "nsenter": "util-linux",
    "setpriv": "util-linux",
    "ip": "iproute2",
    "hostname": "hostname",
}
_NOT_ROOTLESS = ("lldp", "sshd")
"""lldpd and sshd call setgroups, which a plain user's namespace forbids."""


class Probe(msgspec.Struct, frozen=True):
    """One thing to try, as a shell script; without a `needed` one there is no lab at all."""

    name: str
    script: str
    purpose: str
    needed: bool = False


class Ability(msgspec.Struct, frozen=True):
    """How a probe went; `reason` is what the system said where it failed."""

    probe: Probe
    present: bool
    reason: str = ""


PROBES = (
    Probe("namespaces", "true", "nodes", needed=True),
    Probe("proc", "mount -t proc proc /proc", "nodes", needed=True),
    Probe("sysfs", "mount -t sysfs sysfs /sys", "nodes", needed=True),
    Probe("tmpfs", "mount -t tmpfs tmpfs /mnt", "private files of nodes", needed=True),
    Probe("veth", "ip link add probe0 type veth peer name probe1", "cables", needed=True),
    Probe("forwarding", "echo 1 > /proc/sys/net/ipv4/ip_forward", "switches", needed=True),
    Probe("nftables", "nft add table inet podwright", "marking, zones"),
    Probe("bridge", "ip link add probe0 type bridge", "management switches, VLANs"),
    Probe("vxlan", "ip link add probe0 type vxlan id 1 dstport 4789", "tenant overlays"),
    Probe("vrf", "ip link add probe0 type vrf table 10", "VRFs"),
    Probe(
        "vlan",
        "ip link add probe0 type veth peer name probe1 && ip link add link probe0 name probe0.2 type vlan id 2",
        "802.1Q tags",
    ),
    Probe("bond", "ip link add probe0 type bond", "bonds"),
    Probe("htb", "ip link set lo up && tc qdisc add dev lo root htb", "traffic classes"),
    Probe("netem", "ip link set lo up && tc qdisc add dev lo root netem delay 1ms", "delay and loss"),
)


def examine(mode: Mode) -> tuple[Ability, ...]:
    """Try every probe as `mode` would; about 10 ms each."""
    return tuple(_attempt(probe, mode) for probe in PROBES)


def missing(mode: Mode) -> tuple[str, ...]:
    """Names of what a lab in `mode` does without, sorted."""
    lacking = {ability.probe.name for ability in examine(mode) if not ability.present}
    return tuple(sorted(lacking | set(_NOT_ROOTLESS if mode == "rootless" else ())))


def choose_mode() -> Mode:
    """`root` where this process may make namespaces as it is, else `rootless`.

    Raises LabError with the remedy where neither can build a lab, EngineError where a program is missing.
    """
    _require_programs()
    as_root = os.geteuid() == 0
    if as_root and _lacking("root") is None:
        return "root"
    if (lacking := _lacking("rootless")) is None:
        return "rootless"
    if lacking.probe.name == "namespaces":
        raise forbidden_user_namespaces(Path("/proc/sys"), lacking.reason)
    raise LabError(
        f"This kernel or container lacks {lacking.probe.name}, needed for {lacking.probe.purpose}: {lacking.reason}",
        fix="Run on a machine of its own, or in a container started with --privileged.",
    )


def forbidden_user_namespaces(sysctls: Path, reason: str) -> LabError:
    """The error that tells why a plain user gets no namespaces, from the settings under `sysctls` (/proc/sys)."""
    switches = (
        ("user/max_user_namespaces", "0", "sysctl -w user.max_user_namespaces=15000"),
        ("kernel/unprivileged_userns_clone", "0", "sysctl -w kernel.unprivileged_userns_clone=1"),
        (
            "kernel/apparmor_restrict_unprivileged_userns",
            "1",
            "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
        ),
    )
    for file, forbidding, remedy in switches:
        if _setting(sysctls / file) == forbidding:
            name = file.replace("/", ".")
            return LabError(
                f"A plain user may not make namespaces here: {name} is {forbidding}.",
                fix=f"Run podwright as root, or once as root: {remedy}",
            )
    return LabError(
        f"Namespaces are refused here: {reason} (a container's seccomp filter or missing capabilities do that).",
        fix="Run podwright as root outside a container, or start the container with --privileged.",
    )


def _lacking(mode: Mode) -> Ability | None:
    """The first needed ability that is not there. One try of all together is the common, quick case."""
    needed = [probe for probe in PROBES if probe.needed]
    together = Probe("all", " && ".join(probe.script for probe in needed), "")
    if _attempt(together, mode).present:
        return None
    tried = (_attempt(probe, mode) for probe in needed)
    return next((ability for ability in tried if not ability.present), None)


def _attempt(probe: Probe, mode: Mode) -> Ability:
    user = ["--user", "--map-root-user"] if mode == "rootless" else []
    spaces = ["--net", "--mount", "--pid", "--uts", "--ipc", "--fork", "--kill-child=KILL"]
    done = subprocess.run(
        ["unshare", *user, *spaces, *ENVIRONMENT, "sh", "-c", probe.script],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
        cwd="/",
    )
    return Ability(probe, done.returncode == 0, " ".join(done.stderr.split()))


def _require_programs() -> None:
    for program, package in _PROGRAMS.items():
        if shutil.which(program) is None:
            raise EngineError(f"The program {program} is missing.", fix=f"Install the package {package}.")


def _setting(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip() if path.exists() else ""
