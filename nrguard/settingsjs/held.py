"""Code that stands in the exported settings: Node-RED, or a flow, runs it later."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from nrguard.settingsjs.meaning.describe import describe
from nrguard.settingsjs.meaning.digest import digest, hash_of
from nrguard.settingsjs.meaning.modules import CORE
from nrguard.settingsjs.meaning.run import Effect
from nrguard.settingsjs.meaning.values import Accessor, Func, Lost, Obj, Slot, Sym, host_name
from nrguard.settingsjs.meaning.walk import Leaf
from nrguard.settingsjs.receivers import receiver_digest
from nrguard.settingsjs.syntax.tree import Program

_DEEPEST = 60
_MOST = 20_000
_REACHES_ALL = frozenset(
    ("require", "module", "process", "global", "globalThis", "eval", "Function", "Reflect", "Proxy", "root", "GLOBAL")
)
_HARMLESS = ("process.env", "process.platform", "process.version", "process.versions", "process.arch", "process.argv")


@dataclass(slots=True, eq=False)
class _Search:
    """Where one search through the settings is."""

    program: Program
    leaf: Leaf
    setting: str = ""
    at: int = 0
    owner: Obj | None = None  # of what is looked at: `this`, when it is called as a method
    seen: int = 0


def held(program: Program, leaf: Leaf) -> Iterator[Effect]:
    """Give everything in the exported settings that can run, once for each place."""
    owner = leaf.exported.own if isinstance(leaf.exported, Func) else leaf.exported
    search = _Search(program, leaf)
    if isinstance(leaf.exported, Sym):
        yield from _of(search, leaf.exported, 0)
    links: list[Obj] = []
    link: Obj | str | None = owner if isinstance(owner, Obj) else None
    while isinstance(link, Obj):
        links.append(link)
        link = link.proto
    for one in links:
        for name, slot in one.props.items():
            search.setting = name
            node = one.where.get(name)
            search.at = node.start if node else 0
            search.owner = one
            yield from _of(search, slot, 0)
        for item in one.items or ():
            yield from _of(search, item, 0)


def _of(search: _Search, value: Slot, depth: int) -> Iterator[Effect]:
    search.seen += 1
    if depth > _DEEPEST or search.seen > _MOST:
        raise Lost(search.at, "the settings are nested too deeply to follow")
    if isinstance(value, Obj):
        yield from _in_object(search, value, depth)
    elif isinstance(value, Func):
        yield _effect(search, value, value.node.start, "a function, which runs later")
    elif isinstance(value, Accessor):
        for part in (value.get, value.set):
            if part is not None and not _constant(part):
                yield _effect(search, part, part.node.start, "a getter or setter")
    elif isinstance(value, Sym):
        yield from _in_symbol(search, value, depth)


def _in_object(search: _Search, value: Obj, depth: int) -> Iterator[Effect]:
    run = search.leaf.run
    if value is run.exports or value is run.module or value is search.leaf.exported:
        yield _effect(search, value, search.at, "the settings themselves, which whoever gets them can change")
        return
    for slot in [*(value.items or ()), *value.props.values()]:
        search.owner = value
        yield from _of(search, slot, depth + 1)
    if isinstance(value.proto, Obj):
        yield from _of(search, value.proto, depth + 1)
    if value.over is not None:
        yield from _of(search, value.over, depth + 1)


def _in_symbol(search: _Search, value: Sym, depth: int) -> Iterator[Effect]:
    name = host_name(value)
    if name:
        root = name.split(".")[0]
        inert = name in _HARMLESS or name in CORE or root not in _REACHES_ALL
        if not inert:
            yield _effect(search, value, search.at, f"{name[:40]}, through which everything can be changed")
        return
    if value.op == "over" and isinstance(value.args[0], Sym) and value.args[0].op == "changed by":
        yield from _of(search, value.args[2], depth + 1)  # the call that may have changed it is told of already
        return
    if value.op == "changed by":
        return
    if value.op in ("module", "result", "class", "accessor"):
        yield _effect(search, value, search.at, f"{describe(value)}, which nrguard can't see into")
        return
    inner = [effect for arg in value.args for effect in _of(search, arg, depth + 1)]
    if inner:  # the whole of it is what counts: `require('./x').strict` is not `require('./x').lax`
        yield replace(inner[0], code=_effect(search, value, inner[0].at, "").code)


def _effect(search: _Search, value: Slot, at: int, what: str) -> Effect:
    pieces = [search.setting, digest(search.program, value)]
    if isinstance(value, Func):
        pieces.append(receiver_digest(search.program, value, search.owner))
    code = f"hold:{hash_of(pieces)}"
    return Effect(code, at, f"{search.setting[:60] or 'the file'} holds {what}")


def _constant(getter: Func) -> bool:
    """Does a getter use nothing from outside of itself, so that it gives the same at any time?"""
    return not getter.node.refs and not getter.node.own_this
