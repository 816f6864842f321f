"""Long lists and large graphs."""

from concurrent.futures import ThreadPoolExecutor

FILES = {
    "workflows/long.yaml": "agents:\n  long: {run: seq -f 'line %.0f of many' 450000}\n",
    "workflows/idle.yaml": "agents:\n  never: {if: 'false', run: 'true'}\n",
    "workflows/wide.yaml": "agents:\n  begin: {run: 'true', emits: [begun]}\n"
    + "".join(f"  part{n}: {{on: begun, run: 'true', emits: [done{n}]}}\n" for n in range(150))
    + "".join(f"  join{n}: {{on: done{n * 3}, run: 'true'}}\n" for n in range(48))
    + "  end: {needs: [join0, join1], run: 'true'}\n",
}


def test_long_lists_and_large_graphs_stay_quick(play, paged):
    def many(count: int) -> None:
        with ThreadPoolExecutor(16) as people:
            list(people.map(lambda _: paged.run("idle"), range(count)))

    play("scale.mjs", many=many)
