"""Writing and deleting members, as JavaScript does it: setters, read-only members and prototypes count."""

from __future__ import annotations

from nrguard.settingsjs.meaning.convert import text
from nrguard.settingsjs.meaning.describe import describe
from nrguard.settingsjs.meaning.properties import LONGEST, index_of
from nrguard.settingsjs.meaning.run import Run
from nrguard.settingsjs.meaning.values import (
    UNDEFINED,
    Accessor,
    Func,
    Lost,
    Obj,
    Sym,
    Thrown,
    Value,
    is_host,
    residual,
)
from nrguard.settingsjs.syntax.tree import Node

_OF_MODULES = frozenset(
    (
        "children", "constructor", "filename", "id", "isPreloading", "load", "loaded", "parent", "path", "paths",
        "require", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString", "toString", "valueOf",
    )
)  # fmt: skip
"""What Node reads of `module`; anything else, such as a mistyped `export`, is read by nobody."""


def put(run: Run, base: Value, name: str, value: Value, at: int, node: Node, *, strict: bool) -> None:
    """Assign `value` to the member `name` of `base`."""
    run.changes(at)
    if isinstance(base, Sym):
        _put_on_symbol(run, base, name, value, node)
    elif isinstance(base, Func):
        if name in ("name", "length", "caller", "arguments"):
            raise Lost(at, f"changes the {name} of a function")
        base.own.props[name] = value
    elif isinstance(base, Obj):
        if not _put_on_object(run, base, name, value, at, node) and strict:
            raise Thrown(UNDEFINED, at, f'TypeError: "{name[:40]}" is read-only')
    elif base is None or base is UNDEFINED:
        raise Thrown(UNDEFINED, at, f'TypeError: can\'t set "{name[:40]}" of {text(base)}')
    elif strict:
        raise Thrown(UNDEFINED, at, "TypeError: a member of a primitive value")


def _put_on_symbol(run: Run, base: Sym, name: str, value: Value, node: Node) -> None:
    at = node.start
    if base.op == "module" and isinstance(base.args[0], str) and name != "__proto__":
        run.effect("module", at, f"changes what {describe(base)} gave", base, name, value)
        known = run.written.setdefault(base.args[0], Obj(over=base))
        known.props[name] = value
        known.where[name] = node
        return
    if not is_host(base, "process.env"):
        raise Lost(at, f"changes {describe(base)}, which nrguard can't follow")
    run.effect("environment", at, f"changes the environment variable {name[:60]}", name, value)
    if isinstance(value, (Obj, Func)):
        raise Lost(at, "an object becomes an environment variable")
    run.env_written[name] = value if isinstance(value, Sym) else text(value)


def _put_on_object(run: Run, base: Obj, name: str, value: Value, at: int, node: Node) -> bool:
    link: Obj | str | None = base
    while isinstance(link, Obj):
        if name in link.props:
            slot = link.props[name]
            if isinstance(slot, Accessor):
                return _call_setter(run, slot, base, value, at)
            if link.frozen or name in link.readonly:
                return False
            break
        if link.over is not None and link is not base:
            raise Lost(at, "an unknown prototype may stand between")
        link = link.proto
    if name == "__proto__" and link == "Object":
        return _set_proto(base, value, at)
    if base.frozen or (base.sealed and name not in base.props):
        return False
    if base.host and name != "exports" and (name in _OF_MODULES or name[0:1] in ("", "_", "@")):
        raise Lost(at, f"changes {base.host}.{name[:40]}")
    if base.items is not None and _put_in_array(base, name, value, at):
        return True
    base.props[name] = value
    base.where[name] = node
    return True


def _call_setter(run: Run, slot: Accessor, base: Obj, value: Value, at: int) -> bool:
    if slot.set is None:
        return False
    run.grammar.call(run, slot.set, base, (value,), at)
    return True


def _set_proto(base: Obj, value: Value, at: int) -> bool:
    if isinstance(value, Obj):
        link: Obj | str | None = value
        while isinstance(link, Obj):
            if link is base:
                raise Thrown(UNDEFINED, at, "TypeError: a cycle of prototypes")
            link = link.proto
    elif isinstance(value, (Sym, Func)):
        if not is_host(value, "Object.prototype"):
            raise Lost(at, "an unknown prototype")
        value = "Object"
    elif value is not None:
        return True
    if base.host or base.frozen:
        raise Lost(at, "a changed prototype")
    base.proto = value if isinstance(value, (Obj, str)) else None
    return True


def _put_in_array(base: Obj, name: str, value: Value, at: int) -> bool:
    items = base.items
    index = index_of(name)
    if items is None or (index is None and name != "length"):
        return False
    if name == "length":
        if not isinstance(value, float) or not 0 <= value <= len(items):
            raise Lost(at, "a changed length of an array")
        del items[int(value) :]
    elif index is not None:
        if index > LONGEST:
            raise Lost(at, "an array that is too long to follow")
        if index > len(items):
            raise Lost(at, "an array with holes")
        items[index : index + 1] = [value]
    return True


def remove(run: Run, base: Value, name: str, node: Node, *, strict: bool) -> bool:
    """Delete the member `name` of `base`, and return what `delete` gives."""
    at = node.start
    run.changes(at)
    if is_host(base, "process.env"):
        run.effect("environment", at, f"removes the environment variable {name[:60]}", name)
        run.env_written[name] = UNDEFINED
        return True
    if isinstance(base, Sym):
        raise Lost(at, f"removes a member of {describe(base)}")
    if base is None or base is UNDEFINED:
        raise Thrown(UNDEFINED, at, f'TypeError: can\'t delete "{name[:40]}" of {text(base)}')
    owner = base.own if isinstance(base, Func) else base
    if not isinstance(owner, Obj):
        return True
    if owner.host:
        raise Lost(at, f"removes {owner.host}.{name[:40]}")
    return _remove_own(owner, name, node, strict=strict)


def _remove_own(owner: Obj, name: str, node: Node, *, strict: bool) -> bool:
    if name in owner.props and (owner.frozen or owner.sealed or name in owner.readonly):
        if strict:
            raise Thrown(UNDEFINED, node.start, f'TypeError: can\'t delete "{name[:40]}"')
        return False
    index = index_of(name)
    if owner.items is not None and index is not None and index < len(owner.items):
        raise Lost(node.start, "an array with holes")
    if owner.over is not None:
        owner.props[name] = UNDEFINED  # gone for sure, whatever stood over it
    else:
        owner.props.pop(name, None)
    owner.where[name] = node
    return True


def mix_over(target: Obj, unknown: Sym) -> None:
    """Note that members of `unknown` may now stand over those of `target`."""
    for name, slot in target.props.items():
        old = slot if not isinstance(slot, Accessor) else Sym("accessor", (slot.get, slot.set), unproven=True)
        target.props[name] = residual("over", unknown, name, old)
    if target.items is not None:
        target.items = [residual("over", unknown, str(i), item) for i, item in enumerate(target.items)]
    target.over = unknown if target.over is None else residual("both", unknown, target.over)
