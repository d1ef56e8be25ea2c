"""OpenSSH's own server reads what servers get, and says what it makes of it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from podwright.projection.records import SshConfig
from podwright.targets.frr.spelling import Spelling

pytestmark = [pytest.mark.engine]

SERVER = shutil.which("sshd", path="/usr/sbin:/usr/bin")
FILES = SshConfig(user="admin", trusted_ca="ca.pub", authorized_keys=("ops.pub",))


@pytest.fixture
def effective(tmp_path: Path) -> dict[str, str]:
    if SERVER is None:
        pytest.skip("sshd is not there (package openssh-server)")
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    (tmp_path / "sshd.conf").write_text(Spelling().sshd("gpu-u001-s01", FILES))
    script = 'mkdir -p /run/sshd; exec "$0" -T -h "$1" -f "$2"'
    command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-ec", f"mount -t tmpfs run /run; {script}"]
    done = subprocess.run(
        [*command, SERVER, str(key), str(tmp_path / "sshd.conf")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return dict(line.split(" ", 1) for line in done.stdout.splitlines() if " " in line)


def test_no_password_opens_it(effective: dict[str, str]) -> None:
    assert effective["passwordauthentication"] == "no"
    assert effective["kbdinteractiveauthentication"] == "no"
    assert effective["permitemptypasswords"] == "no"


def test_certificates_and_keys_do(effective: dict[str, str]) -> None:
    assert effective["pubkeyauthentication"] == "yes"
    assert effective["trustedusercakeys"] == "/etc/ssh/podwright_ca.pub"
    assert effective["authorizedkeysfile"] == "/etc/ssh/podwright_keys/%u .ssh/authorized_keys"
