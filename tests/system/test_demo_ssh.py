"""`make demo-ssh` holds what it claims, without a terminal as in CI; exit code 0 only when every claim holds."""

import subprocess
import sys

import pytest
from tests.sshd import BINARY

from chainwright.daemon.demo import over_ssh

LIMIT_S = 150.0


@pytest.mark.skipif(BINARY is None, reason="no sshd: apt-get install openssh-server")
def test_an_agent_behind_a_link_loses_nothing(root, environment):
    environ = environment(root)
    del environ["CHAINWRIGHT_HOME"]  # it makes one of its own
    command = [sys.executable, "-m", over_ssh.__name__]
    done = subprocess.run(command, cwd=root, env=environ, capture_output=True, text=True, timeout=LIMIT_S, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "✗" not in done.stdout
    assert done.stdout.count("✓") == 7
