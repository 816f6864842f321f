"""The directions of architecture.md hold, no two modules import each other in a circle, and no import is bare."""

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[1]
MAY_IMPORT = {  # folder or module → what else of ours it may import; the longest name that fits decides
    "schemas": set(),
    "runners": {"schemas"},
    "daemon.core": {"schemas"},
    "daemon.definition": {"daemon.core", "schemas"},
    "daemon.importers": {"daemon.definition", "daemon.core", "schemas"},
    "daemon.lint": {"daemon.definition", "daemon.core", "schemas"},
    "daemon.store": {"daemon.core", "schemas"},
    "daemon.sources": {
        "daemon.core",
        "daemon.crash_points",
        "daemon.definition",
        "daemon.lint",
        "schemas",
        "runners.host_files",
        "runners.host_git",
    },
    "daemon.remote": {
        "daemon.core",
        "daemon.artifacts.port",
        "daemon.engine.hosts",
        "daemon.engine.workplaces",
        "daemon.sources",
        "runners",
        "schemas",
    },
    "daemon.triggers": {"daemon.core", "schemas"},
    "daemon.web": {"daemon.core", "schemas"},
    "daemon.artifacts": {"daemon.core", "schemas", "runners.host_files"},
    "daemon.secrets": {"daemon.core", "schemas"},
    "daemon.engine": {
        "daemon.core",
        "daemon.crash_points",
        "daemon.artifacts.port",
        "daemon.secrets.port",
        "daemon.store.port",
        "runners.port",
        "schemas",
    },
    "daemon.crash_points": set(),
    "daemon.testing": {"daemon.core", "runners.port", "schemas"},
}
CORE_MAY_NOT_USE = {
    "asyncio",
    "os",
    "time",
    "datetime",
    "random",
    "secrets",
    "socket",
    "subprocess",
    "threading",
    "pathlib",
}
CRON_MATHS = {  # turn the times that they are given into dates of a zone; they read no clock
    f"daemon.core.{module}" for module in ("cron_line", "forecast", "schedule", "time_zones")
}


@cache
def modules() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Each module of ours, and all that it imports, read once for all tests."""
    paths = [path for folder in ("schemas", "runners", "daemon") for path in sorted((ROOT / folder).rglob("*.py"))]
    return tuple((_name(path), tuple(imports(ast.parse(path.read_text())))) for path in paths)


def _name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def ours(imported: tuple[str, ...]) -> set[str]:
    return {name.removeprefix("chainwright.") for name in imported if name.startswith("chainwright.")}


def home(module: str) -> str | None:
    fitting = [name for name in MAY_IMPORT if module == name or module.startswith(f"{name}.")]
    return max(fitting, key=len, default=None)


def test_imports_go_only_where_the_layers_allow() -> None:
    """A module imports its own layer and those listed for it; the composition root may import everything."""
    wrong = [
        f"{module} imports {used}"
        for module, imported in modules()
        if (layer := home(module)) is not None
        for used in ours(imported)
        if used != "__version__"
        and not any(used == name or used.startswith(f"{name}.") for name in MAY_IMPORT[layer] | {layer})
    ]

    assert wrong == []


def test_nobody_imports_the_composition_root_but_itself() -> None:
    """Only the supervisor's family and the command line know everything."""
    roots = {module for module, _ in modules() if home(module) is None}
    wrong = [
        f"{module} imports {used}" for module, imported in modules() if home(module) for used in ours(imported) & roots
    ]

    assert wrong == []


def test_there_is_no_circle() -> None:
    """Modules can be read one after the other."""
    names = {module for module, _ in modules()}
    graph = {
        module: {used for used in ours(imported) if used in names and used != module} for module, imported in modules()
    }

    assert list(TopologicalSorter(graph).static_order())


def test_no_import_is_bare() -> None:
    """`daemon` is also another distribution's module, and the user's folder may hold a `schemas`."""
    bare = {"daemon", "runners", "schemas", "workflows"}
    wrong = [f"{module}: {used}" for module, imported in modules() for used in imported if used.split(".")[0] in bare]

    assert wrong == []


def test_the_core_touches_nothing_outside() -> None:
    """No I/O, clock or chance: everything that the core knows is a fact."""
    wrong = [
        f"{module} imports {used}"
        for module, imported in modules()
        if module.startswith("daemon.core") and module not in CRON_MATHS
        for used in imported
        if used.split(".")[0] in CORE_MAY_NOT_USE
    ]

    assert wrong == []
