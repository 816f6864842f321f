"""What git runs in a hosted repository while somebody pushes: asks the daemon, prints its answer, and that is the push's fate.

Standard library alone, started with ``python -I -S``, and little of it: whoever pushes waits for its start, twice. ``http.client`` by
itself would double that. ``pre-receive`` is asked while the new objects
are in quarantine and no ref has moved, so it hands over where they are; its answer decides. ``proc-receive`` stands in for git where
refs/for/… is pushed: no ref of that name is ever made, the daemon makes a change request. ``post-receive`` only asks to look now: a
daemon that does not hear it finds the new commit by itself.

    receive_hook.py pre-receive|proc-receive|post-receive TOLD

``TOLD`` is the file that the daemon wrote for the hooks: ``{socket, repository, away, python, …}``.
"""

import json
import os
import socket
import sys
from typing import Any

LIMIT_S = 120.0
"""For the daemon's answer: the first push of a large repository compiles every chain of it."""
MOST_OPTIONS = 50


class Away(Exception):
    """No daemon answers; the message says how that shows."""


def main(arguments: list[str]) -> int:
    """The hook's exit code: of ``pre-receive`` 0 lets the push in."""
    hook, path = arguments
    with open(path, encoding="utf-8") as file:
        told = json.load(file)
    if hook == "proc-receive":
        return _proc_receive(told)
    pushed = {
        "updates": [_update(line) for line in sys.stdin.buffer],
        "options": _options(),
        "quarantine": _quarantine(),
    }
    try:
        return _pre_receive(told, pushed) if hook == "pre-receive" else _post_receive(told)
    except Away as why:
        return _alone_after(told, str(why)) if hook == "post-receive" else _alone_before(path, told, pushed, str(why))


def _pre_receive(told: dict[str, Any], pushed: dict[str, Any]) -> int:
    status, answer = _asked(told, "pushes", pushed)
    if status != 200:
        _say(f"refused: {_problem(answer)}")
        return 1
    _say(*answer["lines"])
    return 0 if answer["accepted"] else 1


def _post_receive(told: dict[str, Any]) -> int:
    status, answer = _asked(told, "reconcile", {})
    _say(*(answer["lines"] if status == 200 else [_problem(answer)]))
    return 0


def _proc_receive(told: dict[str, Any]) -> int:
    """Speaks git's protocol for this hook (githooks(5)): what is pushed comes in, the fate of each goes out."""
    features = _packets()[0].partition(b"\0")[2].split()
    _send(b"version=1\0push-options" if b"push-options" in features else b"version=1")
    updates = [_update(packet) for packet in _packets()]
    options = [one.decode(errors="backslashreplace") for one in _packets()] if b"push-options" in features else []
    _send(*(f"{fate} {one['ref']}{why}".encode() for one in updates for fate, why in [_opened(told, one, options)]))
    return 0


def _opened(told: dict[str, Any], update: dict[str, str], options: list[str]) -> tuple[str, str]:
    try:
        status, answer = _asked(told, "changes", {"ref": update["ref"], "head": update["new"], "options": options})
    except Away as why:
        return "ng", f" the daemon does not answer ({why}); push again"
    if status != 200:
        _say(f"refused: {_problem(answer)}")
        return "ng", " refused"
    _say(*answer["lines"])
    return "ok", ""


def _packets() -> list[bytes]:
    """The packets up to the next flush."""
    found: list[bytes] = []
    while (size := int(sys.stdin.buffer.read(4), 16)) > 0:
        found.append(sys.stdin.buffer.read(size - 4).rstrip(b"\n"))
    return found


def _send(*packets: bytes) -> None:
    """Packets and a flush."""
    for packet in packets:
        sys.stdout.buffer.write(b"%04x%s\n" % (len(packet) + 5, packet))
    sys.stdout.buffer.write(b"0000")
    sys.stdout.buffer.flush()


def _alone_before(path: str, told: dict[str, Any], pushed: dict[str, Any], why: str) -> int:
    if told["away"] == "static":
        import subprocess  # noqa: PLC0415 - as long as a daemon answers nobody waits for it

        words = [told["python"], "-P", "-m", "chainwright.daemon.static_push", path]
        content = json.dumps(pushed).encode()
        where = {**os.environ, "PYTHONPATH": told["packages"]}
        return subprocess.run(words, input=content, env=where, timeout=LIMIT_S, check=False).returncode
    _say(
        f"refused: the daemon does not answer ({why}), and nothing is taken unchecked",
        "start it where the repository is, chainwright up --detach, and push again",
    )
    return 1


def _alone_after(told: dict[str, Any], why: str) -> int:
    _say(f"the daemon does not answer ({why}); it deploys {told['repository']} once it is up: chainwright up --detach")
    return 0


def _update(line: bytes) -> dict[str, str]:
    """What is no UTF-8 becomes escapes with backslashes, which no ref that we take can hold."""
    old, new, ref = line.decode(errors="backslashreplace").rstrip("\n").split(" ", 2)
    return {"ref": ref, "old": old, "new": new}


def _options() -> list[str]:
    count = min(int(os.environ.get("GIT_PUSH_OPTION_COUNT", "0")), MOST_OPTIONS)
    told = (os.environb.get(b"GIT_PUSH_OPTION_%d" % number, b"") for number in range(count))
    return [option.decode(errors="backslashreplace") for option in told]


def _quarantine() -> dict[str, Any] | None:
    if "GIT_QUARANTINE_PATH" not in os.environ:
        return None
    others = os.environ.get("GIT_ALTERNATE_OBJECT_DIRECTORIES", "").split(os.pathsep)
    return {
        "objects": os.path.abspath(os.environ["GIT_OBJECT_DIRECTORY"]),
        "alternates": [os.path.abspath(one) for one in others if one],
    }


def _asked(told: dict[str, Any], verb: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Status and body of the answer. By HTTP/1.0: an answer is then everything until the connection ends, in one piece."""
    content = json.dumps(body).encode()
    head = (
        f"POST /api/v1/repositories/{told['repository']}/{verb} HTTP/1.0\r\nHost: daemon\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    try:
        with _connected(told["socket"]) as daemon:
            daemon.sendall(head.encode() + content)
            answer = b"".join(iter(lambda: daemon.recv(1 << 16), b""))
    except OSError as fault:
        raise Away(_why(fault)) from None
    first, _, said = answer.partition(b"\r\n\r\n")
    try:
        return int(first[9:12]), json.loads(said)
    except ValueError:  # also of an answer that was cut off: half of an object is none
        raise Away("it ended before it had answered") from None


def _connected(path: str) -> socket.socket:
    """To a unix socket; by its name within its folder, because a whole path may be longer than an address can be."""
    here = os.open(".", os.O_RDONLY | os.O_DIRECTORY)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(LIMIT_S)
    try:
        os.chdir(os.path.dirname(path))
        connection.connect(os.path.basename(path))
    except OSError:
        connection.close()
        raise
    finally:
        os.fchdir(here)
        os.close(here)
    return connection


def _why(fault: Exception) -> str:
    known: dict[type[Exception], str] = {
        FileNotFoundError: "nothing listens there",
        ConnectionRefusedError: "nothing listens there",
    }
    return known.get(type(fault)) or str(fault) or type(fault).__name__


def _problem(answer: dict[str, Any]) -> str:
    return ": ".join(str(answer[name]) for name in ("title", "detail") if answer.get(name))


def _say(*lines: str) -> None:
    """To the pusher's terminal. Control characters stay out: paths and names are whoever's."""
    for line in lines:
        kept = "".join(char if char.isprintable() else " " for char in line)
        sys.stderr.write(f"{kept}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
