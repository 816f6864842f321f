"""Event files as agents get them wrong: each is refused visibly, and none hangs its run; a burst of them loses nothing."""

import time

import pytest

BAD = """
agents:
  clumsy:
    emits: [fine, plain, named.by.file]
    run: |
      cd "$CHAINWRIGHT_EVENTS"
      printf '{"event": "fi' > new/half
      ln -s /etc/passwd new/link
      mkfifo new/fifo
      printf '{"event":"fine"}' > tmp/one; ln tmp/one new/hard
      head -c 300000 /dev/zero > tmp/big; mv tmp/big new/big
      mkdir new/folder
      printf '\\377\\376' > tmp/bytes; mv tmp/bytes new/bytes
      printf -- '---\\nevent: plain\\n---\\nwords' > tmp/md; mv tmp/md new/note.md
      : > tmp/empty; mv tmp/empty new/named.by.file
  hear:
    on: {all: [plain, named.by.file]}
    run: cat "$CHAINWRIGHT_EVENT"
"""
BURST = """
inputs: {count: {type: integer, required: true}}
limits: {events: 50000}
agents:
  burst:
    emits: [tick]
    timeout: 2m
    env: {COUNT: '${{ inputs.count }}'}
    run: |
      exec python3 - <<'END'
      import os
      folder = os.environ["CHAINWRIGHT_EVENTS"]
      count = int(os.environ["COUNT"])
      for number in range(count):
          with open(f"{folder}/tmp/{number}", "w") as file:
              file.write('{"event": "tick", "data": %d}' % number)
      for number in range(count):
          os.rename(f"{folder}/tmp/{number}", f"{folder}/new/{number:05}")
      END
  last:
    needs: burst
    run: 'true'
"""
LIMIT_S = 60.0
"""Of the burst; on two quiet cores it takes a fraction."""
FILES = {"workflows/bad.yaml": BAD, "workflows/burst.yaml": BURST}
REFUSED = ("half", "link", "fifo", "hard", "big", "folder", "bytes")


@pytest.fixture(scope="module")
def bad(daemon):
    """The run of the clumsy agent, and what became of each file."""
    detail = daemon.ended("bad")
    return detail, daemon.events(detail["id"])


def test_nothing_hangs_and_what_is_right_is_routed(bad):
    detail, events = bad

    assert detail["outcome"] == "succeeded", (detail, events)
    assert detail["agents"]["hear"]["outcome"] == "succeeded"


@pytest.mark.parametrize("file", REFUSED)
def test_what_is_wrong_is_refused_by_its_file_name_and_with_a_reason(bad, file):
    _, events = bad

    (event,) = [event for event in events if event["name"] == file]
    assert event["fate"] == "refused"
    assert event["why"]


@pytest.mark.parametrize("count", [8_000, pytest.param(40_000, marks=pytest.mark.soak)])
def test_files_in_one_burst_are_all_routed(daemon, record_property, count):
    began = time.monotonic()
    detail = daemon.end(daemon.run("burst", count=count), LIMIT_S)
    took = time.monotonic() - began

    ticks = [event for event in daemon.events(detail["id"]) if event["name"] == "tick"]
    assert detail["outcome"] == "succeeded"
    assert sorted(event["data"] for event in ticks) == list(range(count))
    assert {event["fate"] for event in ticks} == {"routed"}
    record_property("seconds", round(took, 1))
