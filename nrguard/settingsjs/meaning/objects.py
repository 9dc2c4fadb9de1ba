"""The functions of Object, and the methods that every object has."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nrguard.settingsjs.meaning.convert import truth
from nrguard.settingsjs.meaning.properties import get, key_of, settle
from nrguard.settingsjs.meaning.run import Run
from nrguard.settingsjs.meaning.spreads import assign_into, own_members, own_names, spread_items
from nrguard.settingsjs.meaning.values import UNDEFINED, Accessor, Func, Lost, Obj, Sym, Thrown, Value, host_name
from nrguard.settingsjs.meaning.writing import put
from nrguard.settingsjs.syntax.tree import Node

Known = Callable[[Run, Value, Sequence[Value], Node], Value]


class Declined(Exception):
    """A function that is known, called with what makes its result unknown."""


def _arg(args: Sequence[Value], index: int) -> Value:
    return args[index] if index < len(args) else UNDEFINED


def _known_object(run: Run, args: Sequence[Value], node: Node) -> Obj:
    value = settle(run, _arg(args, 0), node.start)
    if not isinstance(value, Obj) or value.over is not None or value.host:
        raise Declined
    return value


def _keys(run: Run, this: Value, args: Sequence[Value], node: Node) -> Value:
    names = own_names(_known_object(run, args, node), node.start)
    return Obj(items=[name for name in names if _is_text(name)])


def _values(run: Run, this: Value, args: Sequence[Value], node: Node) -> Value:
    members = own_members(run, _known_object(run, args, node), node.start)
    return Obj(items=[item for name, item in members if _is_text(name)])


def _entries(run: Run, this: Value, args: Sequence[Value], node: Node) -> Value:
    members = own_members(run, _known_object(run, args, node), node.start)
    return Obj(items=[Obj(items=[name, item]) for name, item in members if _is_text(name)])


def _is_text(name: str) -> bool:
    return not name.startswith("@@")


def _from_entries(run: Run, this: Value, args: Sequence[Value], node: Node) -> Value:
    made = Obj()
    for pair in spread_items(run, _arg(args, 0), node.start):
        if not isinstance(pair, Obj) or pair.items is None or len(pair.items) < 2:
            raise Declined
        name = key_of(pair.items[0], node.start)
        if isinstance(name, Sym):
            raise Declined
        made.props[name] = pair.items[1]
        made.where[name] = node
    return made


def _assign(run: Run, this: Value, args: Sequence[Value], node: Node) -> Value:
    target = settle(run, _arg(args, 0), node.start)
    if target is None or target is UNDEFINED:
        raise Thrown(UNDEFINED, node.start, "TypeError: Object.assign to nothing")
    owner = target.own if isinstance(target, Func) else target
    if not isinstance(owner, Obj) or owner.host:
        raise Lost(node.start, "Object.assign to something unknown")
    for source in args[1:]:
        assign_into(run, owner, source, node)
    return target


def _freeze(run: Run, this: Value, args: Sequence[Value], node: Node) -> Value:
    run.changes(node.start)
    value = settle(run, _arg(args, 0), node.start)
    if isinstance(value, Obj):
        value.frozen = True
    elif isinstance(value, (Sym, Func)):
        raise Declined
    return value


def _seal(run: Run, this: Value, args: Sequence[Value], node: Node) -> Value:
    run.changes(node.start)
    value = settle(run, _arg(args, 0), node.start)
    if not isinstance(value, Obj):
        raise Declined
    value.sealed = True
    return value


def _create(run: Run, this: Value, args: Sequence[Value], node: Node) -> Value:
    proto = settle(run, _arg(args, 0), node.start)
    if len(args) != 1 or not (proto is None or isinstance(proto, Obj)):
        raise Lost(node.start, "Object.create: nrguard does not follow this")
    return Obj(proto=proto)


def _set_prototype(run: Run, this: Value, args: Sequence[Value], node: Node) -> Value:
    target, proto = (settle(run, _arg(args, i), node.start) for i in (0, 1))
    if not isinstance(target, Obj) or not (proto is None or isinstance(proto, Obj)):
        raise Lost(node.start, "Object.setPrototypeOf: nrguard does not follow this")
    if proto is None:
        run.changes(node.start)
        if target.frozen or target.host:
            raise Lost(node.start, "a changed prototype")
        target.proto = None
    elif "__proto__" in target.props or target.proto != "Object":
        raise Lost(node.start, "Object.setPrototypeOf: nrguard does not follow this")
    else:
        put(run, target, "__proto__", proto, node.start, node, strict=True)
    return target


def _define(run: Run, this: Value, args: Sequence[Value], node: Node) -> Value:
    run.changes(node.start)
    target = settle(run, _arg(args, 0), node.start)
    name = key_of(_arg(args, 1), node.start)
    wanted = settle(run, _arg(args, 2), node.start)
    clear = isinstance(target, Obj) and isinstance(wanted, Obj) and not isinstance(name, Sym)
    if not clear or not isinstance(target, Obj) or not isinstance(wanted, Obj) or isinstance(name, Sym):
        raise Lost(node.start, "Object.defineProperty: nrguard does not follow this")
    if target.host or target.frozen or target.sealed or target.items is not None or name in target.readonly:
        raise Lost(node.start, "Object.defineProperty: nrguard does not follow this")
    if wanted.over is not None or wanted.proto != "Object":
        raise Lost(node.start, "Object.defineProperty: nrguard does not follow this")
    _define_slot(run, target, name, wanted, node)
    return target


def _define_slot(run: Run, target: Obj, name: str, wanted: Obj, node: Node) -> None:
    before = target.props.get(name)
    new = name not in target.props
    data_before = not new and not isinstance(before, Accessor)
    fixed = [
        _attribute(run, wanted, "writable", node, default=data_before),
        _attribute(run, wanted, "configurable", node, default=not new),
    ]
    enumerable = _attribute(run, wanted, "enumerable", node, default=not new)
    if "get" in wanted.props or "set" in wanted.props:
        fixed = [fixed[1], fixed[1]]  # an accessor is not writable in itself
    if fixed[0] != fixed[1]:
        raise Lost(node.start, "Object.defineProperty: nrguard does not follow this")
    if "get" in wanted.props or "set" in wanted.props:
        getter, setter = get(run, wanted, "get", node.start), get(run, wanted, "set", node.start)
        if not isinstance(getter, (Func, type(UNDEFINED))) or not isinstance(setter, (Func, type(UNDEFINED))):
            raise Lost(node.start, "Object.defineProperty: nrguard does not follow this")
        target.props[name] = Accessor(
            getter if isinstance(getter, Func) else None, setter if isinstance(setter, Func) else None
        )
    elif "value" in wanted.props or name not in target.props:
        target.props[name] = get(run, wanted, "value", node.start)
    elif isinstance(before, Accessor):
        raise Lost(node.start, "Object.defineProperty: nrguard does not follow this")
    target.where[name] = node
    if not fixed[0]:
        target.readonly.add(name)
    if enumerable:
        target.hidden.discard(name)
    else:
        target.hidden.add(name)


def _attribute(run: Run, wanted: Obj, kind: str, node: Node, *, default: bool) -> bool:
    """Return an attribute of a member as a descriptor asks for it: what it does not say stays, or is false at first."""
    if kind not in wanted.props:
        return default
    known = truth(get(run, wanted, kind, node.start))
    if known is None:
        raise Lost(node.start, "Object.defineProperty: nrguard does not follow this")
    return known


def _has_own(run: Run, this: Value, args: Sequence[Value], node: Node) -> Value:
    return _owns(this, key_of(_arg(args, 0), node.start))


def _object_has_own(run: Run, this: Value, args: Sequence[Value], node: Node) -> Value:
    return _owns(settle(run, _arg(args, 0), node.start), key_of(_arg(args, 1), node.start))


def _owns(value: Value, name: str | Sym) -> bool:
    if not isinstance(value, Obj) or isinstance(name, Sym) or value.over is not None or value.host:
        raise Declined
    if value.items is not None and (name == "length" or (name.isdigit() and int(name[:9]) < len(value.items))):
        return True
    return name in value.props


def _has_own_called(run: Run, this: Value, args: Sequence[Value], node: Node) -> Value:
    """Follow `Object.prototype.hasOwnProperty.call(x, name)`."""
    if host_name(this) != "Object.prototype.hasOwnProperty":
        raise Declined
    return _owns(settle(run, _arg(args, 0), node.start), key_of(_arg(args, 1), node.start))


OBJECT_FUNCTIONS: dict[str, Known] = {
    "Object.keys": _keys, "Object.values": _values, "Object.entries": _entries, "Object.fromEntries": _from_entries,
    "Object.assign": _assign, "Object.freeze": _freeze, "Object.seal": _seal, "Object.create": _create,
    "Object.setPrototypeOf": _set_prototype, "Object.defineProperty": _define, "Object.hasOwn": _object_has_own,
    "Object.prototype.hasOwnProperty": _has_own, "Object.prototype.hasOwnProperty.call": _has_own_called,
}  # fmt: skip
