"""Which labels chains ask for, and which hosts have them: what `hosts test` and `doctor` tell."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from chainwright.daemon.core.graph import Chain
from chainwright.daemon.core.hosts import KnownHost
from chainwright.daemon.hosts.findings import Finding, warning
from chainwright.schemas.hosts import LOCAL

Asked = Mapping[frozenset[str], Sequence[str]]
"""Labels that one host must have together → the agents that ask for them, as ``chain/agent``."""


def asked_labels(chains: Iterable[Chain]) -> dict[frozenset[str], list[str]]:
    """What the agents of these chains ask of their hosts; what an expression decides is known only in a run."""
    asked: dict[frozenset[str], list[str]] = {}
    for chain in chains:
        for name, agent in chain.agents.items():
            if agent.runs_on and not any("${{" in label for label in agent.runs_on):
                asked.setdefault(frozenset(agent.runs_on), []).append(f"{chain.id}/{name}")
    return asked


def unmet(asked: Asked, has: Iterable[Collection[str]]) -> dict[frozenset[str], Sequence[str]]:
    """What no host has; ``has`` are the labels of each."""
    every = [frozenset(labels) for labels in has]
    return {labels: askers for labels, askers in asked.items() if not any(labels <= one for one in every)}


def labels_of(known: KnownHost, asked: Asked) -> Finding:
    """Which of what is asked for this host has, and which of its labels nobody asks for."""
    labels = frozenset(known.labels)
    takes = sorted({asker for wanted, askers in asked.items() if wanted <= labels for asker in askers})
    unused = sorted(labels - {known.name} - {one for wanted in asked for one in wanted})
    said = f"{', '.join(sorted(labels))}: " + (f"takes {', '.join(takes)}" if takes else "no agent asks for it")
    if not takes:
        near = sorted({one for wanted in asked for one in wanted} - {LOCAL})
        hint = f"agents ask for: {', '.join(near) or 'nothing but this machine'}; runs-on: {known.name} would"
        return warning(said, hint)
    if unused:
        return Finding(detail=f"{said}; nobody asks for {', '.join(unused)}")
    return Finding(detail=said)
