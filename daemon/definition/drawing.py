"""A chain as a picture: Mermaid for documents, a tree for terminals."""

from collections.abc import Iterator

from chainwright.daemon.core.graph import Agent, Chain
from chainwright.daemon.core.topology import arrows

Followers = dict[str, list[tuple[str, str]]]
"""Agent → those that it can start, each with the event."""


def mermaid(chain: Chain) -> str:
    """The chain as a Mermaid flowchart: needs as plain arrows, events as named ones, joins in the name of the event."""
    nodes = {name: f"n{index}" for index, name in enumerate(chain.agents)}
    lines = ["flowchart TD"]
    lines += [f'  {nodes[name]}["{_escaped(_titled(agent))}"]' for name, agent in chain.agents.items()]
    starting = [name for name, agent in chain.agents.items() if _starts_with_run(agent)]
    lines += ["  start((run))"] if starting else []
    lines += [f"  start --> {nodes[name]}" for name in starting]
    for source, target, label in _arrows(chain):
        lines.append(
            f'  {nodes[source]} -->|"{_escaped(label)}"| {nodes[target]}'
            if label
            else f"  {nodes[source]} --> {nodes[target]}"
        )
    return "\n".join(lines) + "\n"


def tree(chain: Chain) -> str:
    """The chain as an indented tree: each agent under the first that can start it, with what starts it beside its name.

    An agent that stands elsewhere already is only named again (``↑``), so that a loop ends.
    """
    followers: Followers = {name: [] for name in chain.agents}
    for source, target, label in _arrows(chain):
        followers[source].append((target, label))
    drawn: set[str] = set()
    titles = {name: f"{name}{_matrix_of(agent)}" for name, agent in chain.agents.items()}
    lines: list[str] = []
    roots = [name for name, agent in chain.agents.items() if _starts_with_run(agent)]
    for name in (*roots, *chain.agents):
        if name not in drawn:
            lines += _branches([(name, "")], followers, drawn, titles)
    return "\n".join([chain.id, *lines]) + "\n"


def _branches(
    agents: list[tuple[str, str]], followers: Followers, drawn: set[str], titles: dict[str, str]
) -> Iterator[str]:
    """The agents side by side, each with what it starts below it. Not recursive: a chain may be long."""
    waiting = [("", agents)]
    while waiting:
        indent, rest = waiting.pop()
        (name, label), *others = rest
        waiting += [(indent, others)] if others else []
        shown = f"{indent}{'├─' if others else '└─'} {titles[name]}" + (f"  ({label})" if label else "")
        yield f"{shown} ↑" if name in drawn else shown
        if name not in drawn and followers[name]:
            waiting.append((indent + ("│  " if others else "   "), followers[name]))
        drawn.add(name)


def _arrows(chain: Chain) -> Iterator[tuple[str, str, str]]:
    """Source, target and label; that is empty for a need."""
    for source, target, event in arrows(chain):
        yield source, target, "" if event is None else _label(chain.agents[target], event)


def _label(agent: Agent, event: str) -> str:
    assert agent.listens is not None
    joined = {"any": "", "all": "all: ", "first": "first: ", "quorum": f"{agent.listens.count} of: "}[
        agent.listens.mode
    ]
    return f"{joined}{event}" if len(agent.listens.names) > 1 else event


def _starts_with_run(agent: Agent) -> bool:
    return not agent.needs and agent.listens is None


def _titled(agent: Agent) -> str:
    bound = f" (at most {agent.max_turns} turns)" if agent.max_turns is not None else ""
    return f"{agent.id}{_matrix_of(agent)}{bound}"


def _matrix_of(agent: Agent) -> str:
    """What a matrix multiplies its agent by: ``×lens×os``; empty without one."""
    if agent.strategy is None:
        return ""
    keys = list(agent.strategy.matrix) if isinstance(agent.strategy.matrix, dict) else []
    return "".join(f" ×{key}" for key in keys or ["matrix"])


def _escaped(text: str) -> str:
    return text.replace('"', "#quot;")
