"""Writes the brief; what the editor missed in the last draft is in the event that started this turn."""

import json
import os
import pathlib
import subprocess
import time

work = pathlib.Path(os.environ["WORK"])
event = json.loads(pathlib.Path(os.environ["CHAINWRIGHT_EVENT"]).read_text())
reasons = (event["data"] or {}).get("reasons", "")
turn = int(os.environ["CHAINWRIGHT_TURN"])

commits = [line.split("\t") for line in (work / "commits.tsv").read_text().splitlines()]
name = (work / "name.txt").read_text().strip()
who, most, people = (work / "busiest.txt").read_text().strip().split("\t")
days = sorted(commit[2].split()[2] for commit in commits)


def in_short() -> list[str]:
    return [
        "## In short",
        "",
        f"**{len(commits)} commits** by **{people} {'person' if people == '1' else 'people'}** from {days[0]} to {days[-1]}.",
        f"Most of it is the work of {who} ({most} commits). The newest change: *{commits[0][3]}*.",
        "",
    ]


parts = [f"# What happened in {name}", ""]
if "summary" in reasons:
    parts += in_short()
parts += ["## Who", "", (work / "people.md").read_text()]
parts += ["## Where", "", (work / "files.md").read_text()]
parts += ["## When", "", "```", (work / "rhythm.txt").read_text().rstrip(), "```", ""]
parts += ["## The newest changes", "", *(f"- `{commit[0]}` {commit[3]}" for commit in commits[:10]), ""]

print(f"draft {turn}" + (f", the editor said: {reasons}" if reasons else ""), flush=True)
draft = work / f"draft-{turn}.md"
with draft.open("w") as out:
    for number, line in enumerate("\n".join(parts).splitlines()):
        out.write(line + "\n")
        if number % 6 == 0:
            print(f"  {line[:60]}", flush=True)
            time.sleep(0.35)
subprocess.run(["chainwright", "emit", "draft.ready", "--data", json.dumps({"file": str(draft)})], check=True)
