"""The public cases of branch, tag and path filters, each of them, through the command that people try filters with."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILE = (
    Path(os.environ.get("CHAINWRIGHT_CONFORMANCE", ROOT.parent / "shared" / "conformance")) / "globs" / "filters.json"
)
AT_LEAST = 32
"""Cases of the sample; the whole suite has more."""

pytestmark = pytest.mark.skipif(
    not FILE.is_file(), reason=f"CONFORMANCE: the cases are not beside the repository: {FILE}"
)


def test_every_case_is_answered_as_it_says() -> None:
    cases = json.loads(FILE.read_text())["cases"]
    asked = "".join(json.dumps({key: case[key] for key in ("patterns", "inputs")}) + "\n" for case in cases)
    done = subprocess.run(
        [sys.executable, "-m", "chainwright", "match", "--batch"],
        input=asked,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(cases) >= AT_LEAST
    wrong = [(case, answer) for case, answer in zip(cases, answers, strict=True) if {**case, **answer} != case]
    assert wrong == []
