"""Counts who did how much, and passes it on."""

import collections
import os
import pathlib
import subprocess
import time

work = pathlib.Path(os.environ["WORK"])
authors = [line.split("\t")[1] for line in (work / "commits.tsv").read_text().splitlines()]
counted = collections.Counter(authors).most_common(8)

rows = []
for name, commits in counted:
    print(f"{name}: {commits}", flush=True)
    rows.append(f"| {name} | {commits} | {'█' * max(1, round(20 * commits / counted[0][1]))} |")
    time.sleep(0.3)
(work / "people.md").write_text("\n".join(["| who | commits | |", "|---|---:|---|", *rows]) + "\n")
(work / "busiest.txt").write_text(f"{counted[0][0]}\t{counted[0][1]}\t{len(set(authors))}\n")
subprocess.run(["chainwright", "emit", "people.counted"], check=True)
