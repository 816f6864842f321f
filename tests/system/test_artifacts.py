"""Files as outputs, in events and as inputs: kept by content, handed on as paths (semantics 30)."""

import hashlib
import os
import stat
from pathlib import Path
from typing import Any

import pytest

BODY = "one line\nand another\n"
DIGEST = hashlib.sha256(BODY.encode()).hexdigest()

FILES = {
    "workflows/handed.yaml": """
agents:
  write:
    working-directory: deep
    outputs: {report: file, count: integer}
    run: |
      mkdir out; printf 'one line\\nand another\\n' > 'out/my report.md'
      printf 'report=out/my report.md\\ncount=2\\n' >> "$CHAINWRIGHT_OUTPUT"
  read:
    needs: write
    env:
      REPORT: ${{ needs.write.outputs.report }}
      WITHIN: file=${{ needs.write.outputs.report }}!
      NAME: ${{ needs.write.outputs.report.name }} ${{ needs.write.outputs.report.size }}
    run: |
      rm -r "$CHAINWRIGHT_WORKSPACE/deep"
      cat "$REPORT"; echo "$NAME"; test "$WITHIN" = "file=$REPORT!"; echo changed > "$REPORT"
  again:
    needs: [read, write]
    uses: agents/reader
    with: {report: '${{ needs.write.outputs.report }}'}
outputs: {report: '${{ agents.write.outputs.report }}'}
""",
    "workflows/agents/reader.yaml": """
inputs: {report: {type: file, required: true}}
checks: [{run: 'grep -q another "$INPUT_REPORT"'}]
run: |
  cat "$INPUT_REPORT" "$(sed 's/.*: "\\(.*\\)"}/\\1/' "$CHAINWRIGHT_INPUTS")"
""",
    "deep/kept": "",
    "workflows/told.yaml": """
agents:
  write:
    emits: {draft: {text: file, note: string}}
    run: |
      echo draft > d.md; chainwright emit draft --data '{"text": "d.md", "note": "d.md"}'
  edit:
    on: draft
    env: {TEXT: '${{ event.data.text }}', NOTE: '${{ event.data.note }}'}
    emits: {done: {text: file}}
    run: |
      cat "$TEXT"; echo "$NOTE"; grep -o '"text": "/[^"]*"' "$CHAINWRIGHT_EVENT"
      chainwright emit done --data "{\\"text\\": \\"$TEXT\\"}"
  publish:
    on: done
    env: {TEXT: '${{ event.data.text }}'}
    run: cat "$TEXT"
""",
    "workflows/given.yaml": """
inputs: {paper: {type: file, required: true}}
agents:
  read:
    env: {PAPER: '${{ inputs.paper }}'}
    run: cat "$PAPER"; basename "$PAPER"
""",
    "workflows/bad.yaml": """
inputs: {path: {type: string}, before: {type: string, default: 'true'}}
agents:
  write:
    outputs: {report: file}
    env: {GIVEN: '${{ inputs.path }}', BEFORE: '${{ inputs.before }}'}
    run: |
      mkdir folder; ln -s /etc/passwd link; ln -s folder way; echo x > folder/f; mkfifo pipe
      head -c 3000 /dev/zero > large
      echo "report=$GIVEN" >> "$CHAINWRIGHT_OUTPUT"
  refused:
    emits: {draft: {text: file}}
    continue-on-error: true
    run: |
      chainwright emit draft --data '{"text": "nowhere"}'
""",
    "workflows/forged.yaml": """
inputs: {mine: {type: json}}
agents:
  tell:
    outputs: {as_json: json}
    env: {MINE: '${{ inputs.mine }}'}
    run: |
      echo "as_json={\\"sha256\\": \\"$(cat ../../../digest)\\", \\"name\\": \\"x\\", \\"size\\": 20}" >> "$CHAINWRIGHT_OUTPUT"
  look:
    needs: tell
    env: {LOOK: '${{ needs.tell.outputs.as_json }}'}
    run: echo "$LOOK"
""",
}


@pytest.fixture(scope="module")
def daemon(daemon: Any) -> Any:
    """Keeps files of at most 2,000 bytes."""
    assert daemon.stop() == 0
    (daemon.home.root / "chainwright.yaml").write_text("artifacts: {max_bytes: 2000}")
    daemon.start()
    return daemon


def kept(daemon: Any) -> list[Path]:
    return [path for path in daemon.home.artifacts.rglob("*") if path.is_file()]


def test_a_file_is_kept_at_success_and_handed_on_as_a_path(daemon: Any) -> None:
    """Wherever the workspace goes afterwards; each consumer has a copy of its own, and a check that of its attempt."""
    run = daemon.ended("handed")
    reference = {"sha256": DIGEST, "name": "my report.md", "size": len(BODY)}

    assert run["outcome"] == "succeeded"
    assert run["agents"]["write"]["turns"][0]["outputs"] == {"report": reference, "count": 2}
    assert run["outputs"]["report"] == reference
    assert daemon.log(run["id"], "read").replace("\r", "") == BODY + "my report.md 21\n"
    assert daemon.log(run["id"], "again").replace("\r", "") == BODY * 2


def test_equal_contents_are_kept_once_and_for_their_owner_alone(daemon: Any) -> None:
    daemon.ended("handed")
    daemon.ended("handed")
    (found,) = [path for path in kept(daemon) if path.name == DIGEST]

    assert found.read_text() == BODY
    assert stat.S_IMODE(found.stat().st_mode) == 0o600
    assert os.stat(found).st_nlink == 1  # noqa: PTH116 - the count is what matters


def test_a_file_of_an_event_is_kept_and_handed_on(daemon: Any) -> None:
    """What the payload declares to be a file becomes a path, other fields stay; what was given may be passed on."""
    run = daemon.ended("told")
    told = daemon.log(run["id"], "edit").replace("\r", "").splitlines()

    assert run["outcome"] == "succeeded"
    assert told[:2] == ["draft", "d.md"]
    assert told[2].startswith('"text": "/')
    assert daemon.log(run["id"], "publish").strip() == "draft"


def test_a_file_is_an_input(daemon: Any, chainwright: Any, tmp_path: Path) -> None:
    """`-i name=@path` sends it."""
    (tmp_path / "my paper.txt").write_text("paper\n")
    done = chainwright("run", "given", "-i", f"paper=@{tmp_path}/my paper.txt", "--wait")

    assert done.code == 0
    assert daemon.log(done.out.split()[0], "read").replace("\r", "") == "paper\nmy paper.txt\n"


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        ("paper=text", 2, "a file is given as paper=@PATH"),
        ("paper=@/no/such/file", 2, "No such file"),
    ],
)
def test_an_input_that_is_no_file_is_told_so(chainwright: Any, given: str, code: int, said: str) -> None:
    done = chainwright("run", "given", "-i", given)

    assert done.code == code
    assert said in done.err


def test_a_file_that_is_not_kept_here_is_refused_before_the_run(daemon: Any) -> None:
    with pytest.raises(Exception, match="do not fit") as caught:
        daemon.run("given", paper={"sha256": "0" * 64, "name": "x", "size": 3})

    assert "is not kept" in str(vars(caught.value))


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("nowhere", '"nowhere": there is no such file'),
        ("folder", '"folder": it is a folder, not a file'),
        ("link", '"link": it is a link, and links are not followed'),
        ("way/f", '"way/f": a part of its path is a link or no folder'),
        ("pipe", '"pipe": it is not a regular file'),
        ("/etc/passwd", '"/etc/passwd": it is not in the workspace'),
        ("../../../key", '"../../../key": it is not in the workspace'),
        ("large", '"large": it has 3000 bytes, at most 2000 are kept'),
    ],
)
def test_a_bad_file_fails_the_attempt_and_says_which(daemon: Any, path: str, said: str) -> None:
    write = daemon.ended("bad", path=path)["agents"]["write"]

    assert (write["outcome"], write["reason"]) == ("failed", "output")
    assert write["detail"] == f'file "report": {said}'


def test_a_bad_file_of_an_event_fails_the_attempt(daemon: Any) -> None:
    refused = daemon.ended("bad", path="folder/f")["agents"]["refused"]

    assert refused["reason"] == "payload"
    assert 'file "text": "nowhere": there is no such file' in refused["detail"]


def test_what_only_looks_like_a_reference_opens_no_file(daemon: Any) -> None:
    """Else one run could read another's files by their digest."""
    daemon.ended("handed")
    (daemon.home.root / "digest").write_text(DIGEST)
    run = daemon.ended("forged", mine={"sha256": DIGEST, "name": "x", "size": 21})

    assert daemon.log(run["id"], "look").strip() == f"artifact:{DIGEST}/20/x;"


def test_artifacts_are_listed_and_fetched(daemon: Any, chainwright: Any, tmp_path: Path) -> None:
    run = daemon.ended("handed")["id"]
    listed = chainwright("artifacts", run)
    fetched = chainwright("artifacts", run, "write.report", "-o", str(tmp_path / "copy"))

    assert listed.rows == [["write.report", "my report.md", "21", DIGEST]]
    assert (fetched.code, (tmp_path / "copy").read_text()) == (0, BODY)
    assert chainwright("artifacts", run, "write.report").out == BODY
    assert chainwright("artifacts", run, "write.nothing").code == 4
