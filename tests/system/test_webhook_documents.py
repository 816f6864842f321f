"""What ``docs/webhooks.md`` shows: its chain loads, and each of its signed requests starts a run when it is pasted."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

DOCUMENT = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text()
SECRET = "at least eight characters, better 32"
STANDARD_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SETTING, *SECTIONS = DOCUMENT.partition("## Schemes")[2].partition("## A new secret")[0].split("\n### ")


def blocks(text: str, language: str) -> list[str]:
    """The code of a document in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.S | re.M)


def address(section: str) -> str:
    """The webhook to which a section's request goes."""
    found = re.search(r"\$HOOKS/(\w+)", section)
    assert found
    return found[1]


def chain(section: str) -> str:
    """One that has the webhook of a section and no other."""
    (verify,) = blocks(section, "yaml")
    hook = f"{{id: {address(section)}, if: event.body != null, {verify.strip()}}}"
    return f"on: {{webhook: {hook}}}\nconcurrency: {address(section)}\nagents: {{a: {{run: 'true'}}}}\n"


FILES = {f"workflows/{address(section)}.yaml": chain(section) for section in SECTIONS} | {
    "workflows/pulls.yaml": blocks(DOCUMENT, "yaml")[0].replace("id: github", "id: pulls"),
}


@pytest.mark.parametrize("section", SECTIONS, ids=address)
def test_a_request_that_is_pasted_starts_a_run(daemon: Any, section: str) -> None:
    if missing := [tool for tool in ("bash", "curl", "openssl") if shutil.which(tool) is None]:
        pytest.skip(f"CAPABILITY: no {missing[0]} on this machine, so the requests of the document were not tried")
    values = dict.fromkeys(re.findall(r"[A-Z_]+_(?:SECRET|TOKEN)", DOCUMENT), SECRET)
    file = daemon.home.root / "secrets.yaml"
    file.touch(mode=0o600)
    file.write_text(json.dumps(values | {"STANDARD_SECRET": STANDARD_SECRET}))
    (setting,) = blocks(SETTING, "sh")
    script = setting.replace("http://127.0.0.1:8420", daemon.client.get("/status")["listen"]) + blocks(section, "sh")[0]
    environment = {**os.environ, "STANDARD_SECRET": STANDARD_SECRET}
    done = subprocess.run(
        ["bash", "-euo", "pipefail"],
        input=script,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    answer = json.loads(done.stdout)

    assert answer["fate"] == "accepted", answer
    assert daemon.end(answer["run_id"])["outcome"] == "succeeded"


def test_every_scheme_has_its_request() -> None:
    schemes = {found for section in SECTIONS for found in re.findall(r"scheme: (\w+)", section)}

    assert schemes == {"github", "gitea", "forgejo", "gitlab", "slack", "stripe", "standard", "hmac", "token"}
