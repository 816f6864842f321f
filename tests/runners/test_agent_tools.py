"""The tools that stand ready for agents, put there anew by each daemon."""

import subprocess
from pathlib import Path

from chainwright.runners.agent_tools import place


def test_they_are_placed_over_what_a_killed_daemon_left(tmp_path: Path) -> None:
    """A half-written file of the compiler would keep a daemon from starting that happens to want its name."""
    folder = tmp_path / "bin"
    place(folder, ("false",))
    (folder / "session_host.pyc.139657042503664").write_bytes(b"half")

    host = place(folder, ("echo", "the real command:"))

    assert {path.name for path in folder.iterdir()} == {"chainwright", "session_host.pyc"}
    said = subprocess.run([folder / "chainwright", "runs"], capture_output=True, text=True, timeout=30, check=True)
    assert said.stdout == "the real command: runs\n"
    assert host[-1] == str(folder / "session_host.pyc")
