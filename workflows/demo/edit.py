"""Reads a draft as its reader would, and decides: accepted, or back with the reasons."""

import json
import os
import pathlib
import subprocess
import time

event = json.loads(pathlib.Path(os.environ["CHAINWRIGHT_EVENT"]).read_text())
draft = pathlib.Path(event["data"]["file"])
text = draft.read_text()

CHECKS = {
    "it needs a summary at the top: a reader in a hurry learns nothing": "## In short" in text,
    "it does not say who did the work": "## Who" in text,
    "it does not say where the work was": "## Where" in text,
}
reasons = []
for reason, holds in CHECKS.items():
    print(("ok      " if holds else "MISSING ") + reason, flush=True)
    time.sleep(0.5)
    if not holds:
        reasons.append(reason)

if reasons:
    name, data = "draft.rejected", {"reasons": "; ".join(reasons)}
else:
    name, data = "draft.accepted", {"file": str(draft)}
print(name)
subprocess.run(["chainwright", "emit", name, "--data", json.dumps(data)], check=True)
