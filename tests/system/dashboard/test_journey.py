"""The life of a chain, by the page alone."""

FILES = {
    "workflows/release.yaml": """
on: manual
inputs:
  topic: {type: string, required: true, description: what it is about}
  count: {type: integer, default: 1, min: 1, max: 9}
  depth: {type: choice, options: [quick, deep], default: quick}
  loud: {type: boolean, default: false}
agents:
  prepare: {run: echo ready, env: {TOPIC: '${{ inputs.topic }}'}}
  publish:
    needs: prepare
    approval: {message: 'Publish ${{ inputs.topic }}?'}
    run: echo published
""",
    "workflows/long.yaml": "agents:\n  wait: {run: sleep 600}\n",
    "workflows/flaky.yaml": "agents:\n  first: {run: echo one}\n  second: {needs: first, run: exit 3}\n",
}


def test_chains_are_run_by_the_page_alone(play):
    play("journey.mjs")
