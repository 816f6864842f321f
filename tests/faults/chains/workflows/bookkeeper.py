"""An agent that writes down, beside the daemon, everything that it does: its book is what the store is compared with.

It prints numbered lines, reads numbered input, emits numbered events and ends with the code that it was told. A line of its book is
JSON, ``[what, value]``, on the disk before the agent goes on.
"""

import json
import os
import random
import subprocess
import sys
import termios
import time
from pathlib import Path

RUN, AGENT, TURN, LEG, ATTEMPT = (
    os.environ["CHAINWRIGHT_" + part] for part in ("RUN_ID", "AGENT", "TURN", "LEG", "ATTEMPT")
)
NAME = f"{RUN}-{AGENT}-{TURN}.{LEG}-{ATTEMPT}" if LEG else f"{RUN}-{AGENT}-{TURN}-{ATTEMPT}"
GIVEN_FILES = ("CHAINWRIGHT_INPUTS", "CHAINWRIGHT_EVENT", "CHAINWRIGHT_PROMPT")
# The number of the attempt and what the one before failed of: these differ, whatever else must not.
NOT_INPUTS = ("CHAINWRIGHT_ATTEMPT", "CHAINWRIGHT_FEEDBACK", "GITHUB_", "_", "PWD", "OLDPWD", "SHLVL")
"""What an attempt has of its own: its number, the paths of its folder, what the shell sets."""

book = os.open(Path(os.environ["BOOKS"]) / NAME, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
chance = random.Random(os.environ.get("SEED", "0") + NAME)


def note(what, value):
    os.write(book, json.dumps([what, value]).encode() + b"\n")
    os.fsync(book)


def told(name, default="0"):
    return os.environ.get(name, default)


def given():
    """Every input of this attempt: variables, except paths of its own folder, and the files that they name."""
    variables = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(NOT_INPUTS) and NAME not in value.replace(os.environ["BOOKS"], "")
    }
    files = {}
    for name in GIVEN_FILES:
        if name in os.environ:
            files[name] = Path(os.environ[name]).read_text()
    return [variables, files]


def terminal_of_lines():
    """Typed bytes as they come, not echoed, whatever they are; output as terminals do it, with a return before each new line."""
    mode = termios.tcgetattr(0)
    mode[0] &= ~(termios.ICRNL | termios.IXON)
    mode[3] &= ~(termios.ECHO | termios.ICANON | termios.ISIG)
    termios.tcsetattr(0, termios.TCSANOW, mode)


def say(text):
    data = text.encode() + b"\n"
    note("wrote", data.decode())
    while data:
        data = data[os.write(1, data) :]


def rest():
    time.sleep(chance.uniform(0, 2) * float(told("PAUSE")))


def emit(n, name):
    data = {"n": n}
    note("emitted", [name, str(n), data])
    if str(n) == told("BY_COMMAND", ""):
        subprocess.run(["chainwright", "emit", name, "--data", json.dumps(data), "--key", str(n)], check=True)
        return
    folder, file = Path(os.environ["CHAINWRIGHT_EVENTS"]), f"{time.time_ns():020}-{n}.json"
    aside = folder / "tmp" / file
    with aside.open("w") as out:
        json.dump({"event": name, "key": str(n), "data": data}, out)
        out.flush()
        os.fsync(out.fileno())
    aside.rename(folder / "new" / file)


def read_typed(count):
    """Numbered lines that somebody types."""
    say("ready")
    data = b""
    while data.count(b"\n") < count:
        piece = os.read(0, 4096)
        data += piece
    for line in data.decode().splitlines():
        note("read", line)
        say("got " + line)


def wait_for(file):
    """A file beside the books: the way to reach an agent when nothing can be typed."""
    while not (Path(os.environ["BOOKS"]).parent / file).exists():
        time.sleep(0.01)


def main():
    note("started", os.getpid())
    note("given", given())
    terminal_of_lines()
    wait_for(told("WAITS_FOR", "."))
    events = told("EMITS", "").split()
    lines = int(told("LINES"))
    for n in range(max(lines, len(events))):
        if n < lines:
            say(f"{NAME} line {n} {'x' * chance.randrange(200)}")
        if n < len(events):
            emit(n, events[n])
        rest()
    if int(told("TYPED")):
        read_typed(int(told("TYPED")))
    code = 7 if told("FAILS", "") == told("CHAINWRIGHT_ATTEMPT") else int(told("CODE"))
    note("exits", code)
    return code


sys.exit(main())
