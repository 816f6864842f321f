"""A chain as a picture."""

from chainwright.daemon.core.graph import Chain
from chainwright.daemon.definition.drawing import mermaid, tree
from chainwright.daemon.definition.library import NO_AGENTS
from chainwright.daemon.definition.load import load_chain_file

TEXT = b"""
id: brief
agents:
  research: {run: x, emits: notes}
  write: {run: x, on: [notes, 'no'], max-turns: 4, emits: draft}
  edit: {run: x, on: draft, emits: ['yes', 'no']}
  publish: {run: x, needs: research}
  join: {run: x, on: {all: [yes, publish.succeeded]}}
"""


def brief() -> Chain:
    chain = load_chain_file("workflows/brief.yaml", TEXT, NO_AGENTS).chain
    assert chain is not None
    return chain


def test_mermaid_shows_needs_events_joins_and_bounds() -> None:
    assert (
        mermaid(brief())
        == """\
flowchart TD
  n0["research"]
  n1["write (at most 4 turns)"]
  n2["edit"]
  n3["publish"]
  n4["join"]
  start((run))
  start --> n0
  n0 -->|"notes"| n1
  n2 -->|"no"| n1
  n1 -->|"draft"| n2
  n0 --> n3
  n2 -->|"all: yes"| n4
  n3 -->|"all: publish.succeeded"| n4
"""
    )


def test_the_tree_shows_each_agent_once_and_ends_in_loops() -> None:
    assert (
        tree(brief())
        == """\
brief
└─ research
   ├─ write  (notes)
   │  └─ edit  (draft)
   │     ├─ write  (no) ↑
   │     └─ join  (all: yes)
   └─ publish
      └─ join  (all: publish.succeeded) ↑
"""
    )


def test_a_matrix_says_what_it_multiplies_its_agent_by() -> None:
    text = b"agents: {look: {run: x, strategy: {matrix: {os: [a], level: [1]}}}, all: {run: x, strategy: {include: [{a: 1}]}}}"
    chain = load_chain_file("workflows/a.yaml", text, NO_AGENTS).chain
    assert chain is not None

    assert 'n0["look ×os ×level"]' in mermaid(chain)
    assert tree(chain) == "a\n└─ look ×os ×level\n└─ all ×matrix\n"
