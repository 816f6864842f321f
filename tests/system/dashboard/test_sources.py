"""The dashboard's own checks: types against the API's description, and what has logic."""

import subprocess

LIMIT_S = 240.0


def _npm(built, *command: str) -> None:
    done = subprocess.run(
        ["npm", "run", "--silent", *command],
        cwd=built,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_the_dashboard_asks_only_what_the_api_answers(built):
    _npm(built, "types")
    _npm(built, "check")


def test_what_has_logic_is_right(built):
    _npm(built, "test")


def test_the_lock_file_names_no_host(built):
    text = (built / "package-lock.json").read_text()

    assert "://" not in text, "take out `resolved` and `funding`"
