"""Which files an https function reads: the `readFileSync` in its `key:` and `cert:`, wherever in it they stand.

Only for looking at those files: nothing that is judged about settings.js rests on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from nrguard.model import View
from nrguard.settingsjs.meaning.modules import file_path
from nrguard.settingsjs.meaning.run import Impure, Run
from nrguard.settingsjs.meaning.targets import ShortCircuit
from nrguard.settingsjs.meaning.values import Exits, Func, Lost, Thrown
from nrguard.settingsjs.meaning.walk import Walks
from nrguard.settingsjs.syntax.tree import Call, Dot, Literal, Name, Node, Property


def https_function(walks: Walks, function: Func) -> View:
    """Return the view of an https function. `key` and `cert` are None where they are not one file each."""
    return {"kind": "function", "key": _file(walks, function, "key"), "cert": _file(walks, function, "cert")}


def _file(walks: Walks, function: Func, member: str) -> str | None:
    read = [
        _path(walks, function, call.args[0])
        for node in _inside(function.node)
        if isinstance(node, Property) and node.value is not None and _called(node) == member
        for call in _inside(node.value)
        if isinstance(call, Call) and call.args and _reads(call)
    ]
    return read[0] if len(set(read)) == 1 else None


def _called(node: Property) -> str:
    key = node.key
    if isinstance(key, Name) and not node.computed:
        return key.name
    return str(key.value) if isinstance(key, Literal) else ""


def _reads(call: Call) -> bool:
    callee = call.callee
    return (callee.name if isinstance(callee, Dot | Name) else "") == "readFileSync"


def _path(walks: Walks, function: Func, node: Node) -> str | None:
    """Return the path that `node` is, as far as names from outside of the function tell."""
    last = walks.leaves[0].run
    run = Run(walks.program, last.env, last.grammar, guard=1)  # guard: nothing may change by looking
    try:
        return file_path(run.grammar.evaluate(run, node, function.scope))
    except (Lost, Impure, Thrown, Exits, ShortCircuit):
        return None


def _inside(node: Node) -> Iterator[Node]:
    """Yield `node` and every node below it."""
    waiting: list[object] = [node]
    while waiting:
        here = waiting.pop()
        if isinstance(here, tuple):
            waiting.extend(here)
        elif isinstance(here, Node):
            yield here
            waiting.extend(getattr(here, field.name) for field in fields(here))
