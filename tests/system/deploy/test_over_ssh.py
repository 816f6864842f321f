"""Pushes from elsewhere, by a real sshd of this machine with keys of its own."""

import getpass
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest

SAY = "agents:\n  say:\n    run: echo version one\n"
SSHD = shutil.which("sshd") or shutil.which("sshd", path="/usr/sbin:/usr/local/sbin")
LIMIT_S = 20.0
CONFIG = """
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
AuthorizedKeysFile {folder}/user.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
"""

pytestmark = pytest.mark.skipif(SSHD is None, reason="CAPABILITY: there is no sshd")


@pytest.fixture
def sshd(tmp_path, by_and_by):
    """The port of an sshd, and the command that reaches it."""
    for name in ("host", "user"):
        words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / name)]
        subprocess.run(words, check=True, timeout=LIMIT_S)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    config = tmp_path / "sshd_config"
    config.write_text(CONFIG.format(port=port, folder=tmp_path))
    if getpass.getuser() == "root":
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen([SSHD, "-D", "-e", "-f", str(config)], stderr=log)
    by_and_by(lambda: _answers(port))
    options = "-oStrictHostKeyChecking=no -oUserKnownHostsFile=/dev/null -oBatchMode=yes -oLogLevel=ERROR -oIdentitiesOnly=yes"
    yield port, f"ssh -p {port} -i {tmp_path / 'user'} {options}"
    server.terminate()
    server.wait(LIMIT_S)


def _answers(port):
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def pusher(hosting, sshd, clone):
    """Somebody elsewhere with a clone."""
    _, command = sshd
    path = hosting.client.items("/repositories")[0]["path"]
    return clone(f"ssh://{getpass.getuser()}@127.0.0.1{path}", GIT_SSH_COMMAND=command)


def test_a_push_over_ssh_is_judged_deployed_and_run(hosting, pusher):
    commit = pusher.commit({"workflows/say.yaml": SAY, "note": str(time.time())})

    done = pusher.push("--push-option=message=from elsewhere", "HEAD:main")

    assert done.code == 0, done.err
    assert f"in force at {commit[:12]}" in done.err
    assert hosting.ended("say")["commit"] == commit
    assert hosting.client.items("/deployments/history")[0]["message"] == "from elsewhere"


def test_an_invalid_push_over_ssh_is_refused_with_its_place(hosting, pusher):
    pusher.commit({"workflows/say.yaml": "agents:\n  say:\n    runs: echo\n"})

    done = pusher.push("HEAD:main")

    assert done.code == 1
    assert "workflows/say.yaml:3:5: error: " in done.err
