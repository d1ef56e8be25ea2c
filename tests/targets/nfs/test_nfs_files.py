"""NFS on servers: the rendered files, and the roles' tasks that write them, run for real into folders of the test's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conformance import reference
from playing import play
from podwright.projection.records import ExportConfig, MountConfig
from podwright.targets.nfs import exports, fstab, listening, render

EXPORT = ExportConfig(path="/scratch", address="10.16.1.224", clients=("10.16.1.0/25", "10.16.2.0/30"))
MOUNT = MountConfig(
    address="10.16.1.224", export="/scratch", path="/mnt/scratch/nfs-u001-s57", version="4.2", connections=16
)


def test_exports_name_prefixes_and_squash_root() -> None:
    assert exports((EXPORT,)).splitlines()[1:] == [
        "/scratch 10.16.1.0/25(rw,sync,root_squash,no_subtree_check) 10.16.2.0/30(rw,sync,root_squash,no_subtree_check)"
    ]


def test_the_server_listens_at_its_own_address_for_version_4_only() -> None:
    text = listening((EXPORT, EXPORT))
    assert text.splitlines()[1:] == ["[nfsd]", "host=10.16.1.224", "udp=n", "tcp=y", "vers3=n", "vers4=y"]


def test_a_mount_is_hard_spread_and_made_when_it_is_used() -> None:
    assert fstab((MOUNT,)) == (
        "10.16.1.224:/scratch /mnt/scratch/nfs-u001-s57 nfs4 vers=4.2,proto=tcp,nconnect=16,hard,noatime,"
        "_netdev,nofail,x-systemd.automount,x-systemd.mount-timeout=30s 0 0\n"
    )


def test_every_mount_of_a_pod_has_its_export() -> None:
    """What a client mounts is what the server at that address exports, to a prefix that holds the client."""
    pod = reference.pod("hgx-h100-32")
    offered = {(each.address, each.path) for host in pod.hosts for each in host.exports}
    mounted = {(each.address, each.export) for host in pod.hosts for each in host.mounts}
    assert mounted
    assert mounted == offered
    files = {(artifact.device, artifact.path.rpartition("/")[2]) for artifact in render(pod)}
    serving = {(host.name, name) for host in pod.hosts if host.exports for name in ("exports", "nfs.conf")}
    assert files == serving | {(host.name, "fstab") for host in pod.hosts if host.mounts}


class Node:
    """This machine as a server: its /etc, its folders and its /run are the test's own."""

    def __init__(self, tree: Path) -> None:
        self.tree = tree
        self.config, self.etc, self.run = tree / "configs", tree / "etc", tree / "run"
        self.config.mkdir()
        self.etc.mkdir()
        self.run.mkdir()

    def play(self, role: str, part: str, *words: str, init: str = "systemd") -> int:
        """How many tasks of a run changed something."""
        variables: dict[str, Any] = {
            "podwright_config": str(self.config),
            "podwright_init": init,
            "nfs_server_etc": str(self.etc),
            "nfs_server_run": str(self.run),
            "nfs_client_table": str(self.etc / "fstab"),
            "nfs_client_run": str(self.run),
            "identity_installed": {},
        }
        return play(self.tree, role, variables, *words, part=part)


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return Node(tmp_path)


def test_the_list_of_mounts_is_a_block_beside_what_is_not_ours(node: Node) -> None:
    table = node.etc / "fstab"
    assert node.play("nfs_client", "list") == 0
    assert not table.exists()
    table.write_text("UUID=1 / ext4 defaults 0 1\n")
    (node.config / "fstab").write_text(fstab((MOUNT,)))
    assert node.play("nfs_client", "list", "--check") == 1
    assert table.read_text() == "UUID=1 / ext4 defaults 0 1\n"
    assert node.play("nfs_client", "list") == 1
    assert table.read_text().splitlines()[0] == "UUID=1 / ext4 defaults 0 1"
    assert fstab((MOUNT,)) in table.read_text()
    assert node.play("nfs_client", "list") == 0
    (node.config / "fstab").unlink()
    assert node.play("nfs_client", "list") == 1
    assert table.read_text() == "UUID=1 / ext4 defaults 0 1\n"


def test_the_server_s_files_are_written_once_and_its_folders_are_kept(node: Node) -> None:
    served = node.tree / "scratch"
    granted = ExportConfig(path=str(served), address="10.16.1.224", clients=("10.16.1.0/25",))
    (node.config / "exports").write_text(exports((granted,)))
    (node.config / "nfs.conf").write_text(listening((granted,)))
    assert node.play("nfs_server", "files", "--check")
    assert not served.exists()
    assert node.play("nfs_server", "files") > 0
    assert (node.etc / "exports.d" / "podwright.exports").read_text() == exports((granted,))
    assert (node.etc / "nfs.conf.d" / "podwright.conf").read_text() == listening((granted,))
    assert served.stat().st_mode & 0o7777 == 0o1777
    served.chmod(0o750)
    assert node.play("nfs_server", "files") == 0
    assert served.stat().st_mode & 0o7777 == 0o750


def test_a_twin_keeps_both_lists_in_run_until_they_are_not_wanted(node: Node) -> None:
    (node.config / "exports").write_text(exports((EXPORT,)))
    (node.config / "fstab").write_text(fstab((MOUNT,)))
    for role in ("nfs_server", "nfs_client"):
        assert node.play(role, "main", init="none") > 0
        assert node.play(role, "main", init="none") == 0
    assert sorted(path.name for path in node.run.iterdir()) == ["podwright.exports", "podwright.fstab"]
    (node.config / "exports").unlink()
    (node.config / "fstab").unlink()
    for role in ("nfs_server", "nfs_client"):
        assert node.play(role, "main", init="none") == 1
    assert list(node.run.iterdir()) == []
    assert list(node.etc.iterdir()) == []
