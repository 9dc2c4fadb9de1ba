"""The import directions of the design, the purity of its core, and what the resident daemon must never load."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "nrguard"

# From the bottom up. A module imports from the layers below its own, and from its own layer as long as no cycle forms.
# A package's name stands for all of its modules.
LAYERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("words", ("model", "errors", "escape", "codec", "passwords")),
    ("owner's wish", ("policy", "wanted", "redact")),
    ("one look", ("seen", "understanding", "certificates", "starting")),
    ("records", ("baseline", "records", "tell")),
    ("reading, looks, checks, the policy file", ("settingsjs", "probes", "checks", "config")),
    ("the host as a cycle sees it", ("world",)),
    ("steps", ("actions", "remember", "observe", "judge", "decide", "incidents", "hours", "say", "standing")),
    ("one turn", ("cycle",)),
    (
        "edge",
        (
            "sandbox",
            "host",
            "reader",
            "stranger",
            "looks",
            "database",
            "outbox",
            "store",
            "watch",
            "deliver",
            "children",
            "places",
            "notify_socket",
            "selfsigned",
        ),
    ),
    (
        "edge, put together",
        ("policyfile", "courier", "flight", "rare", "realworld", "heart", "statusfile", "presence", "wellbeing"),
    ),
    ("what leaves for people", ("recount", "outward")),
    ("for ever, or for one command", ("daemon", "session")),
    ("people", ("applying", "diagnosis", "remote", "commands", "cli", "__main__")),
)

_TOUCHING = {"edge", "edge, put together", "what leaves for people", "for ever, or for one command", "people"}
EDGE = frozenset(unit for name, units in LAYERS if name in _TOUCHING for unit in units)
"""Who may touch files, processes, sockets, the database, the clock and chance. All others are pure."""

DOORS = frozenset(
    (
        "asyncio", "ctypes", "fcntl", "getpass", "glob", "http", "io", "logging", "mmap", "multiprocessing",
        "os", "pathlib", "psutil", "pty", "pwd", "random", "resource", "secrets", "select", "selectors",
        "shutil", "signal", "socket", "sqlite3", "ssl", "subprocess", "tempfile", "threading", "urllib",
        "watchdog",
    )
)  # fmt: skip
"""Modules through which a program reaches the world."""

DOOR_CALLS = frozenset(
    (
        "open", "print", "input", "exec", "eval", "time.time", "time.time_ns", "time.monotonic", "time.sleep",
        "datetime.now", "datetime.datetime.now", "date.today", "datetime.date.today",
    )
)  # fmt: skip

ONLY_IN: Mapping[str, frozenset[str]] = {
    "nrguard.settingsjs": frozenset({"settingsjs", "reader", "commands"}),  # hostile bytes are parsed in a sandbox
    "tree_sitter": frozenset({"settingsjs"}),
    "tree_sitter_javascript": frozenset({"settingsjs"}),
    "apprise": frozenset({"deliver"}),
    "sqlite3": frozenset({"database", "outbox", "store"}),
    "watchdog": frozenset({"watch"}),
    "yaml": frozenset({"config"}),
}

NEVER_RESIDENT = frozenset(
    {"apprise", "cryptography", "ssl", "rich", "bcrypt", "tree_sitter", "tree_sitter_javascript"}
)
"""What a daemon that only sits and watches must not have loaded: children and commands import it when they need it."""


@dataclass(frozen=True, slots=True)
class Import:
    """One imported module, at a line; `resident` if it is imported as soon as the importing module is."""

    target: str
    line: int
    resident: bool


@dataclass(frozen=True, slots=True)
class Module:
    name: str
    tree: ast.Module
    imports: tuple[Import, ...]

    @property
    def unit(self) -> str:
        """The file or package right under nrguard/ that it belongs to: "checks" for nrguard.checks.login."""
        return [*self.name.split("."), "__init__"][1]


@cache
def modules() -> Mapping[str, Module]:
    return {module.name: module for module in map(_parsed, sorted(PACKAGE.rglob("*.py")))}


def _parsed(file: Path) -> Module:
    parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    tree = ast.parse(file.read_text(), file.name)
    return Module(name, tree, tuple(_imports(tree, resident=True)))


def _imports(node: ast.AST, *, resident: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.Import(names=names):
                yield from (Import(alias.name, child.lineno, resident) for alias in names)
            case ast.ImportFrom(module=str(base), names=names):
                yield from (Import(f"{base}.{alias.name}", child.lineno, resident) for alias in names)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                yield from _imports(child, resident=False)
            case _:
                yield from _imports(child, resident=resident)


def _ours(target: str) -> Module | None:
    """Return the module of ours that an import reaches: `from nrguard.model import Span` reaches nrguard.model."""
    return modules().get(target) or modules().get(target.rpartition(".")[0])


def _layer(unit: str) -> int:
    return next((height for height, (_, units) in enumerate(LAYERS) if unit in units), -1)


def _within(target: str, name: str) -> bool:
    return target == name or target.startswith(name + ".")


def _where(module: Module, imported: Import) -> str:
    return f"{module.name}:{imported.line} imports {imported.target}"


def test_every_module_has_a_layer() -> None:
    homeless = {module.unit for module in modules().values() if module.name != "nrguard" and _layer(module.unit) < 0}
    assert not homeless, "give it a layer in LAYERS"


def test_imports_run_one_way() -> None:
    wrong = [
        _where(module, imported)
        for module in modules().values()
        for imported in module.imports
        if (found := _ours(imported.target)) and found.name != "nrguard" and _layer(found.unit) > _layer(module.unit)
    ]
    assert not wrong


def test_no_import_cycle() -> None:
    finished: set[str] = set()
    for name in modules():
        _descend(name, (), finished)


def _descend(name: str, path: tuple[str, ...], finished: set[str]) -> None:
    assert name not in path, f"import cycle: {' -> '.join(path[path.index(name) :])} -> {name}"
    if name in finished:
        return
    reached = {found.name for imported in modules()[name].imports if (found := _ours(imported.target))}
    for target in sorted(reached - {name}):
        _descend(target, (*path, name), finished)
    finished.add(name)


def test_checks_do_not_know_each_other() -> None:
    wrong = [
        _where(module, imported)
        for module in modules().values()
        if _within(module.name, "nrguard.checks")
        for imported in module.imports
        if (found := _ours(imported.target)) and found.unit == "checks" and found.name != "nrguard.checks"
    ]
    assert not wrong


def test_the_core_imports_no_door_to_the_world() -> None:
    wrong = [
        _where(module, imported)
        for module in modules().values()
        if module.unit not in EDGE
        for imported in module.imports
        if imported.target.partition(".")[0] in DOORS
    ]
    assert not wrong


def test_the_core_asks_no_clock_and_prints_nothing() -> None:
    wrong = [
        f"{module.name}:{call.lineno} calls {ast.unparse(call.func)}"
        for module in modules().values()
        if module.unit not in EDGE
        for call in ast.walk(module.tree)
        if isinstance(call, ast.Call) and ast.unparse(call.func) in DOOR_CALLS
    ]
    assert not wrong


@pytest.mark.parametrize("name", ONLY_IN)
def test_is_imported_only_where_it_belongs(name: str) -> None:
    wrong = [
        _where(module, imported)
        for module in modules().values()
        if module.unit not in ONLY_IN[name]
        for imported in module.imports
        if _within(imported.target, name)
    ]
    assert not wrong


def test_the_daemon_holds_no_heavy_library() -> None:
    wrong = [
        _where(module, imported)
        for module in _resident("nrguard.daemon")
        for imported in module.imports
        if imported.resident and imported.target.partition(".")[0] in NEVER_RESIDENT
    ]
    assert not wrong


def _resident(start: str) -> list[Module]:
    """Return the modules of ours that are loaded once `start` is."""
    reached: dict[str, Module] = {}
    waiting = [start] if start in modules() else []
    while waiting:
        name = waiting.pop()
        if name in reached:
            continue
        reached[name] = modules()[name]
        loaded = (imported for imported in modules()[name].imports if imported.resident)
        waiting += [found.name for imported in loaded if (found := _ours(imported.target))]
    return list(reached.values())


def test_nothing_is_imported_relatively_or_by_star() -> None:
    wrong = [
        f"{module.name}:{node.lineno}"
        for module in modules().values()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom) and (node.level or any(alias.name == "*" for alias in node.names))
    ]
    assert not wrong
