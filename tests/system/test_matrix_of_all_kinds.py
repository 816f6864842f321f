"""A matrix of whatever an agent can be: steps, a sub-chain, files handed on; and a run of it that is done again."""

FILES = {
    "workflows/steps.yaml": """
agents:
  build:
    strategy: {matrix: {system: [linux, plan9]}, fail-fast: false}
    steps:
      - id: look
        run: echo "found=$SYSTEM-$CHAINWRIGHT_LEG" >> "$GITHUB_OUTPUT"
        env: {SYSTEM: '${{ matrix.system }}'}
      - if: matrix.system == 'plan9'
        run: echo "word=only $FOUND" >> "$CHAINWRIGHT_OUTPUT"
        env: {FOUND: '${{ steps.look.outputs.found }}'}
      - if: matrix.system != 'plan9'
        run: echo "word=other $FOUND" >> "$CHAINWRIGHT_OUTPUT"
        env: {FOUND: '${{ steps.look.outputs.found }}'}
    outputs: {word: string}
outputs: {legs: '${{ agents.build.legs }}'}
""",
    "workflows/part.yaml": """
on: call
inputs: {word: {type: string, required: true}}
outputs: {said: '${{ agents.say.outputs.said }}'}
agents:
  say:
    run: echo "said=$WORD!" >> "$CHAINWRIGHT_OUTPUT"
    env: {WORD: '${{ inputs.word }}'}
    outputs: {said: string}
""",
    "workflows/calls.yaml": """
agents:
  part:
    strategy: {matrix: {word: [yes, no]}}
    uses: chains/part
    with: {word: '${{ matrix.word }}'}
    outputs: {said: string}
outputs: {legs: '${{ agents.part.legs }}'}
""",
    "workflows/files.yaml": """
agents:
  write:
    strategy: {matrix: {name: [one, two]}}
    run: |
      echo "text of $NAME" > "$NAME.txt"
      echo "page=$NAME.txt" >> "$CHAINWRIGHT_OUTPUT"
    env: {NAME: '${{ matrix.name }}'}
    outputs: {page: file}
  read:
    needs: write
    run: cat "$FIRST" "$SECOND"
    env:
      FIRST: ${{ needs.write.legs[0].outputs.page }}
      SECOND: ${{ needs.write.legs[1].outputs.page }}
""",
    "workflows/again.yaml": """
inputs: {gate: {type: string, required: true}}
agents:
  work:
    strategy: {matrix: {n: [1, 2]}}
    run: echo "n=$N" >> "$CHAINWRIGHT_OUTPUT"
    env: {N: '${{ matrix.n }}'}
    outputs: {n: integer}
  sum:
    needs: work
    run: test -e "$GATE" && echo "$LEGS"
    env:
      GATE: ${{ inputs.gate }}
      LEGS: ${{ needs.work.legs[0].outputs.n }} and ${{ needs.work.legs[1].outputs.n }}
""",
}


def leg_outputs(detail):
    return [leg["outputs"] for leg in detail["outputs"]["legs"]]


def test_each_leg_has_steps_of_its_own(daemon):
    detail = daemon.ended("steps")

    assert detail["outcome"] == "succeeded"
    assert leg_outputs(detail) == [{"word": "other linux-1"}, {"word": "only plan9-2"}]


def test_each_leg_calls_a_chain_of_its_own(daemon):
    detail = daemon.ended("calls")

    (turn,) = detail["agents"]["part"]["turns"]
    assert detail["outcome"] == "succeeded"
    assert leg_outputs(detail) == [{"said": "yes!"}, {"said": "no!"}]
    assert len({one["child"] for one in turn["attempts"]}) == 2


def test_the_files_of_legs_are_handed_on(daemon):
    detail = daemon.ended("files")

    assert daemon.log(detail["id"], "read") == "text of one\ntext of two\n"


def test_the_legs_of_a_kept_turn_are_kept(daemon, chainwright, tmp_path):
    first = daemon.ended("again", gate=str(tmp_path / "gate"))
    assert first["outcome"] == "failed"
    (tmp_path / "gate").touch()

    second = daemon.end(chainwright("retry", first["id"], "--failed").out.strip())

    assert second["outcome"] == "succeeded"
    assert second["agents"]["work"]["turns"][0]["adopted_from"] == first["id"]
    assert daemon.log(second["id"], "sum") == "1 and 2\n"
