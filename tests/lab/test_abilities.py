"""What a kernel refuses is named, with the remedy that fits the setting that refuses it."""

from __future__ import annotations

from pathlib import Path

import pytest

from podwright.errors import EngineError
from podwright.lab.netns import abilities


@pytest.mark.parametrize(
    ("file", "value", "remedy"),
    [
        ("user/max_user_namespaces", "0", "sysctl -w user.max_user_namespaces=15000"),
        ("kernel/unprivileged_userns_clone", "0", "sysctl -w kernel.unprivileged_userns_clone=1"),
        (
            "kernel/apparmor_restrict_unprivileged_userns",
            "1",
            "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
        ),
    ],
)
def test_the_setting_that_forbids_user_namespaces_is_named(tmp_path: Path, file: str, value: str, remedy: str) -> None:
    (tmp_path / file).parent.mkdir(parents=True)
    (tmp_path / file).write_text(f"{value}\n")
    error = abilities.forbidden_user_namespaces(tmp_path, "unshare failed: Operation not permitted")
    assert file.replace("/", ".") in error.message
    assert remedy in error.fix


def test_where_no_setting_forbids_them_a_container_does(tmp_path: Path) -> None:
    error = abilities.forbidden_user_namespaces(tmp_path, "unshare failed: Operation not permitted")
    assert "Operation not permitted" in error.message
    assert "--privileged" in error.fix


def test_a_missing_program_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineError, match="unshare is missing") as caught:
        abilities.choose_mode()
    assert "util-linux" in caught.value.fix


@pytest.mark.lab
@pytest.mark.usefixtures("root_lab")
def test_every_probe_says_what_it_found() -> None:
    found = {ability.probe.name: ability for ability in abilities.examine("root")}
    assert set(found) == {probe.name for probe in abilities.PROBES}
    assert found["veth"].present
    assert all(ability.reason for ability in found.values() if not ability.present)
    assert {"lldp", "sshd"} <= set(abilities.missing("rootless"))
