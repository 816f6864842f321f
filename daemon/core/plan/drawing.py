"""The graph of a chain that changes, as Mermaid: what comes is drawn thick and green, what goes dashed and red."""

from collections.abc import Iterable
from typing import Final

from chainwright.daemon.core.graph import Chain
from chainwright.daemon.core.plan.edges import changed_edges, edges_of
from chainwright.daemon.core.plan.report import Edge, Edges

MAX_DRAWN: Final = 80
"""Edges that one picture holds; more cannot be read, and a forge does not draw them."""

_ADDED: Final = "added"
_REMOVED: Final = "removed"
_STYLES: Final = (
    "  classDef added stroke:#1a7f37,stroke-width:3px",
    "  classDef removed stroke:#cf222e,stroke-dasharray:4",
)


def drawn_change(before: Chain | None, after: Chain) -> str:
    """Mermaid's text; empty when neither an agent nor an edge comes or goes, or there is too much of it for a picture."""
    edges = changed_edges(before, after)
    gone = [name for name in before.agents if name not in after.agents] if before else []
    come = [name for name in after.agents if before is not None and name not in before.agents]
    if before is not None and not (gone or come or edges.added or edges.removed):
        return ""
    everything = edges_of(after, MAX_DRAWN + 1)
    if len(everything) + edges.removed_count > MAX_DRAWN or len(after.agents) > MAX_DRAWN:
        return ""
    return _drawing(
        [*after.agents, *gone],
        dict.fromkeys(come, _ADDED) | dict.fromkeys(gone, _REMOVED),
        everything,
        edges,
        is_new=before is None,
    )


def _drawing(agents: list[str], marked: dict[str, str], edges: Iterable[Edge], changed: Edges, *, is_new: bool) -> str:
    nodes = {name: f"n{index}" for index, name in enumerate(agents)}
    fresh = set() if is_new else set(changed.added)
    lines = ["flowchart LR"]
    lines += [f'  {node}["{_escaped(name)}"]{_class(marked.get(name))}' for name, node in nodes.items()]
    lines += [_arrow(nodes, edge, "==>" if edge in fresh else "-->") for edge in edges]
    lines += [_arrow(nodes, edge, "-.->") for edge in changed.removed]
    return "\n".join([*lines, *(_STYLES if marked else ())]) + "\n"


def _class(mark: str | None) -> str:
    return f":::{mark}" if mark else ""


def _arrow(nodes: dict[str, str], edge: Edge, arrow: str) -> str:
    label = f'|"{_escaped(edge.event)}"|' if edge.event else ""
    return f"  {nodes[edge.source]} {arrow}{label} {nodes[edge.target]}"


def _escaped(text: str) -> str:
    """As Mermaid reads it within quotes; whatever could end the quotes, the line or the block becomes its number."""
    return "".join(one if one.isalnum() or one in " ._:/-" else f"#{ord(one)};" for one in text)
