"""Statements, followed in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from nrguard.settingsjs.meaning import convert
from nrguard.settingsjs.meaning.calls import bind
from nrguard.settingsjs.meaning.evaluate import evaluate
from nrguard.settingsjs.meaning.properties import settle
from nrguard.settingsjs.meaning.run import Run
from nrguard.settingsjs.meaning.spreads import own_names, owns, spread_items, unchanged
from nrguard.settingsjs.meaning.targets import write_target
from nrguard.settingsjs.meaning.values import UNDEFINED, UNSET, Func, Lost, Obj, Scope, Sym, Thrown, Value
from nrguard.settingsjs.syntax.tree import (
    Array,
    Assign,
    Block,
    Class,
    Empty,
    Expression,
    For,
    ForEach,
    Function,
    If,
    Jump,
    Labeled,
    Literal,
    Name,
    Node,
    Object,
    Return,
    Spread,
    Switch,
    Throw,
    Try,
    Variables,
    While,
    With,
)

Signal = tuple[str, Value]
"""How a statement ends early: ("return", value), ("break", label) or ("continue", label)."""


def execute(run: Run, body: Sequence[Node], scope: Scope) -> Signal | None:
    """Follow statements until one ends early."""
    _hoist(body, scope)
    for node in body:
        signal = _statement(run, node, scope)
        if signal is not None:
            return signal
    return None


def _hoist(body: Sequence[Node], scope: Scope) -> None:
    """Declare what a block declares: functions with their value, let, const and class as not yet set."""
    for node in body:
        inner = node
        while isinstance(inner, Labeled):
            inner = inner.body
        if isinstance(inner, Function) and inner.declared:
            scope.names[inner.name] = Func(inner, scope, UNDEFINED)
        elif isinstance(node, Class) and node.declared:
            scope.names[node.name] = UNSET
            scope.fixed.add(node.name)
        elif isinstance(node, Variables) and node.kind != "var":
            for target, _ in node.bindings:
                for name in names_of(target):
                    scope.names[name] = UNSET
                    scope.fixed.add(name)


def names_of(target: Node | None) -> list[str]:
    """Return the names that a pattern binds."""
    if isinstance(target, Name):
        return [target.name]
    if isinstance(target, Assign):
        return names_of(target.target)
    if isinstance(target, Spread):
        return names_of(target.operand)
    if isinstance(target, Array):
        return [name for item in target.items for name in names_of(item)]
    if isinstance(target, Object):
        return [name for member in target.members for name in names_of(member.value)]
    return []


def _statement(run: Run, node: Node, scope: Scope) -> Signal | None:
    run.step(node.start)
    run.enter(node.start)
    signal = _HANDLERS[type(node)](run, node, scope)
    run.depth -= 1
    return signal


def _expression(run: Run, node: Expression, scope: Scope) -> Signal | None:
    if not isinstance(node.value, Literal):
        evaluate(run, node.value, scope)
    return None


def _nothing(run: Run, node: Node, scope: Scope) -> Signal | None:
    return None


def _function(run: Run, node: Function, scope: Scope) -> Signal | None:
    """A function declared in a block also sets the variable of its name around the block, in sloppy code."""
    if not scope.function and not node.strict:
        value = scope.names[node.name]
        outer = scope.parent
        while outer is not None:
            if node.name in outer.fixed or (node.name in outer.names and not outer.function):
                return None
            if outer.function:
                outer.names[node.name] = value
                return None
            outer = outer.parent
    return None


def _class(run: Run, node: Class, scope: Scope) -> Signal | None:
    scope.names[node.name] = evaluate(run, node, scope)
    return None


def _variables(run: Run, node: Variables, scope: Scope) -> Signal | None:
    for target, init in node.bindings:
        if init is None and node.kind == "var":
            continue
        value = UNDEFINED if init is None else evaluate(run, init, scope)
        if node.kind == "var":
            write_target(run, target, value, scope)
            continue
        run.changes(node.start)
        bind(run, target, value, scope)
        if node.kind == "const":
            scope.constants.update(names_of(target))
    return None


def _block(run: Run, node: Block, scope: Scope) -> Signal | None:
    return execute(run, node.body, Scope({}, scope, strict=scope.strict))


def condition(run: Run, test: Node, scope: Scope) -> bool:
    """Return which way a condition goes on this walk."""
    value = evaluate(run, test, scope)
    known = convert.truth(value)
    if known is None and isinstance(value, Sym):
        known = run.decide(value, test.start)
    return bool(known)


def _if(run: Run, node: If, scope: Scope) -> Signal | None:
    if condition(run, node.test, scope):
        return _statement(run, node.yes, scope)
    return _statement(run, node.no, scope) if node.no is not None else None


def _ends_loop(signal: Signal | None, labels: Sequence[str]) -> tuple[bool, Signal | None]:
    """Tell whether a loop ends after its body gave `signal`, and with which signal of its own."""
    if signal is None:
        return False, None
    kind, label = signal
    mine = label == "" or label in labels
    if kind == "continue" and mine:
        return False, None
    return True, None if kind == "break" and label == "" else signal


def _for(run: Run, node: For, scope: Scope, labels: Sequence[str] = ()) -> Signal | None:
    inner = Scope({}, scope, strict=scope.strict)
    fresh = isinstance(node.init, Variables) and node.init.kind != "var"
    if node.init is not None:
        if isinstance(node.init, Variables):
            _hoist((node.init,), inner)
            _variables(run, node.init, inner)
        else:
            evaluate(run, node.init, inner)
    while node.test is None or condition(run, node.test, inner):
        run.step(node.start)
        ends, signal = _ends_loop(_statement(run, node.body, inner), labels)
        if ends:
            return signal
        if fresh:  # every turn has variables of its own
            inner = Scope(dict(inner.names), scope, set(inner.constants), strict=scope.strict)
        if node.update is not None:
            evaluate(run, node.update, inner)
    return None


def _for_each(run: Run, node: ForEach, scope: Scope, labels: Sequence[str] = ()) -> Signal | None:
    value = settle(run, evaluate(run, node.right, scope), node.start)
    items: Iterable[Value]
    if node.kind == "of":
        items = _live(run, value, node)
    elif node.kind == "in" and isinstance(value, Obj) and value.over is None and value.proto == "Object":
        items = [name for name in own_names(value, node.start) if not name.startswith("@@")]
    else:
        raise Lost(node.start, "a loop that nrguard does not follow")
    for item in items:
        run.step(node.start)
        if node.kind == "in" and isinstance(value, Obj) and not owns(value, item):
            continue  # removed by an earlier turn
        inner = Scope({}, scope, strict=scope.strict)
        _bind_turn(run, node.left, item, inner)
        ends, signal = _ends_loop(_statement(run, node.body, inner), labels)
        if ends:
            return signal
    return None


def _live(run: Run, value: Value, node: ForEach) -> Iterator[Value]:
    """Give the elements of an array as they are when their turn comes."""
    items = spread_items(run, value, node.start)
    for item in items:
        yield item
        if isinstance(value, Obj):
            unchanged(value, items, node)


def _bind_turn(run: Run, left: Node, item: Value, scope: Scope) -> None:
    if not isinstance(left, Variables):
        write_target(run, left, item, scope)
        return
    target = left.bindings[0][0]
    if left.kind == "var":
        write_target(run, target, item, scope)
        return
    bind(run, target, item, scope)
    if left.kind == "const":
        scope.constants.update(names_of(target))


def _while(run: Run, node: While, scope: Scope, labels: Sequence[str] = ()) -> Signal | None:
    first = node.test_last
    while first or condition(run, node.test, scope):
        first = False
        run.step(node.start)
        ends, signal = _ends_loop(_statement(run, node.body, scope), labels)
        if ends:
            return signal
    return None


def _return(run: Run, node: Return, scope: Scope) -> Signal | None:
    return "return", UNDEFINED if node.value is None else evaluate(run, node.value, scope)


def _jump(run: Run, node: Jump, scope: Scope) -> Signal | None:
    return node.kind, node.label


def _throw(run: Run, node: Throw, scope: Scope) -> Signal | None:
    value = evaluate(run, node.value, scope)
    run.changes(node.start)
    raise Thrown(value, node.start, "throws an error")


def _try(run: Run, node: Try, scope: Scope) -> Signal | None:
    depth = run.depth
    signal: Signal | None = None
    pending: Thrown | None = None
    try:
        signal = _tried(run, node, scope)
    except Thrown as thrown:
        pending = thrown
        run.depth = depth
    if node.finalizer is not None:
        last = _block(run, node.finalizer, scope)
        if last is not None:
            return last
    if pending is not None:
        raise pending
    return signal


def _tried(run: Run, node: Try, scope: Scope) -> Signal | None:
    if node.handler is None:
        return _block(run, node.block, scope)
    depth, tries = run.depth, run.tries
    run.tries += 1
    try:
        signal = _block(run, node.block, scope)
    except Thrown as thrown:
        run.depth, run.tries = depth, tries
        return _handle(run, node, node.handler, thrown, scope)
    run.tries = tries
    return signal


def _handle(run: Run, node: Try, handler: Block, thrown: Thrown, scope: Scope) -> Signal | None:
    inner = Scope({}, scope, strict=scope.strict)
    if node.param is not None:
        value = thrown.value if thrown.value is not UNDEFINED else Sym("error", (thrown.what,), sure=True, tame=True)
        bind(run, node.param, value, inner)
    return execute(run, handler.body, inner)


def _switch(run: Run, node: Switch, scope: Scope) -> Signal | None:
    value = evaluate(run, node.value, scope)
    inner = Scope({}, scope, strict=scope.strict)
    for _, body in node.cases:
        _hoist(body, inner)
    begin = _first_case(run, node, value, inner)
    if begin is None:
        return None
    for _, body in node.cases[begin:]:
        for part in body:
            signal = _statement(run, part, inner)
            if signal is not None:
                return None if signal == ("break", "") else signal
    return None


def _first_case(run: Run, node: Switch, value: Value, scope: Scope) -> int | None:
    default = None
    for index, (test, _) in enumerate(node.cases):
        if test is None:
            default = index
            continue
        same = convert.binary("===", value, evaluate(run, test, scope))
        if isinstance(same, Sym):
            same = run.decide(same, test.start)
        if same:
            return index
    return default


def _labeled(run: Run, node: Labeled, scope: Scope) -> Signal | None:
    labels = [node.label]
    body = node.body
    while isinstance(body, Labeled):
        labels.append(body.label)
        body = body.body
    if isinstance(body, (For, ForEach, While)):
        loop: Callable[..., Signal | None] = _LOOPS[type(body)]
        signal = loop(run, body, scope, labels)
    else:
        signal = _statement(run, body, scope)
    if signal is not None and signal[0] == "break" and signal[1] in labels:
        return None
    return signal


def _with(run: Run, node: With, scope: Scope) -> Signal | None:
    raise Lost(node.start, "with: nrguard does not follow this")


_LOOPS: dict[type, Callable[..., Signal | None]] = {For: _for, ForEach: _for_each, While: _while}
_HANDLERS: dict[type, Callable[..., Signal | None]] = {
    Expression: _expression, Empty: _nothing, Function: _function, Class: _class, Variables: _variables, Block: _block,
    If: _if, For: _for, ForEach: _for_each, While: _while, Return: _return, Jump: _jump, Throw: _throw, Try: _try,
    Switch: _switch, Labeled: _labeled, With: _with,
}  # fmt: skip
