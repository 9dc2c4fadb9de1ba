"""A digest of a value's whole meaning: two values with the same digest are the same to whoever uses them."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterable

from nrguard.settingsjs.meaning.values import Accessor, Func, Lost, Obj, Scope, Slot, Sym, Undefined
from nrguard.settingsjs.syntax.scopes import EVERYTHING
from nrguard.settingsjs.syntax.tree import Function, Program

_DEEPEST = 100
_MOST = 5_000  # values that one digest covers
_FAR = 1 << 30
_ROADS = frozenset({"require", "process", "global", "globalThis"})
_SIGNS = frozenset({"cache", "main", "mainModule", "module", "children", "parent"})
_QUOTES = ("'", '"', "`")


def digest(program: Program, value: Slot) -> str:
    """Return the digest of `value`. Functions count with their text and all that they use from outside of it."""
    return _Digest(program).of(value, 0)


def measured(program: Program, value: Slot) -> tuple[str, int]:
    """Return the digest of `value`, and how many values it covers."""
    work = _Digest(program)
    return work.of(value, 0), _MOST - work.left


class _Digest:
    __slots__ = ("_known", "_open", "_program", "_reach", "left")

    def __init__(self, program: Program) -> None:
        self._program = program
        self._known: dict[int, tuple[object, str]] = {}  # the value is kept, so that its id stays its own
        self._open: list[int] = []
        self._reach = _FAR  # the outermost open value that was met again
        self.left = _MOST

    def of(self, value: Slot, depth: int) -> str:
        if isinstance(value, (str, float, bool, Undefined)) or value is None:
            return hash_of([type(value).__name__, repr(value)])
        key = id(value)
        if key in self._known:
            return self._known[key][1]
        if key in self._open:
            at = self._open.index(key)
            self._reach = min(self._reach, at)
            return hash_of(["again", str(len(self._open) - at)])
        self.left -= 1
        if depth > _DEEPEST or self.left < 0:
            raise Lost(0, "a value is nested too deeply to follow")
        return self._open_one(value, key, depth)

    def _open_one(self, value: Obj | Func | Sym | Accessor, key: int, depth: int) -> str:
        here, outer = len(self._open), self._reach
        self._reach = _FAR
        self._open.append(key)
        text = hash_of(self._pieces(value, depth + 1))
        self._open.pop()
        if self._reach >= here:  # else the digest depends on where one came from, and is good for this once only
            self._known[key] = value, text
            self._reach = _FAR
        self._reach = min(outer, self._reach)
        return text

    def _pieces(self, value: Obj | Func | Sym | Accessor, depth: int) -> list[str]:
        if isinstance(value, Obj):
            return self._object(value, depth)
        if isinstance(value, Sym):
            return ["sym", value.op, *(self.of(arg, depth) for arg in value.args)]
        if isinstance(value, Accessor):
            return ["accessor", self.of(value.get, depth), self.of(value.set, depth)]
        return self._function(value, depth)

    def _object(self, value: Obj, depth: int) -> list[str]:
        proto = value.proto if isinstance(value.proto, str) else self.of(value.proto, depth)
        pieces = ["array" if value.items is not None else "object", proto, value.host]
        pieces += [self.of(item, depth) for item in value.items or ()]
        for name in sorted(value.props):
            pieces += [name, self.of(value.props[name], depth)]
        if value.over is not None:
            pieces += ["over", self.of(value.over, depth)]
        return pieces

    def _function(self, value: Func, depth: int) -> list[str]:
        node = value.node
        tokens = self._program.tokens
        pieces = ["function", str(node.strict), str(node.arrow), node.name]
        pieces += tokens.texts[bisect_left(tokens.starts, node.start) : bisect_left(tokens.starts, node.end)]
        for name in sorted(node.refs):
            pieces += [name, self._used(value.scope, name, depth)]
        if self._finds_settings(node):
            pieces += ["settings", self._settings(value, depth)]
        if value.own.props:
            pieces.append(self.of(value.own, depth))
        return pieces

    def _finds_settings(self, node: Function) -> bool:
        """May the function find the exported settings without naming `module`?"""
        if not node.refs & _ROADS:
            return False
        tokens = self._program.tokens
        texts = tokens.texts[bisect_left(tokens.starts, node.start) : bisect_left(tokens.starts, node.end)]
        return any(text in _SIGNS or (text[:1] in _QUOTES and "settings" in text) for text in texts)

    def _used(self, scope: Scope | None, name: str, depth: int) -> str:
        """Return the digest of what `name` stands for in the function: the function may use it at any time."""
        if name == EVERYTHING:
            return hash_of(self._program.tokens.texts)
        while scope is not None:
            if name in scope.names:
                return self.of(scope.names[name], depth)
            scope = scope.parent
        return "global"

    def _settings(self, value: Func, depth: int) -> str:
        """Return the digest of the module and what it exports."""
        scope: Scope | None = value.scope
        while scope is not None and scope.parent is not None:
            scope = scope.parent
        module = scope.names.get("module") if scope else None
        return self.of(module, depth) if isinstance(module, Obj) else self._used(None, EVERYTHING, depth)


def hash_of(pieces: Iterable[str]) -> str:
    """Return a digest of the texts, in their order and each for itself."""
    whole = hashlib.sha256()
    for piece in pieces:
        data = piece.encode("utf-8", "surrogatepass")
        whole.update(b"%d:" % len(data))
        whole.update(data)
    return whole.hexdigest()[:32]
