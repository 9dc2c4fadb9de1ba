"""What an unknown value is, in words."""

from __future__ import annotations

from nrguard.settingsjs.meaning.values import Sym, Value, host_name


def describe(value: Value) -> str:
    """Return, for people, what `value` is."""
    if not isinstance(value, Sym):
        return "a value"
    known = host_name(value)
    if known:
        return known[:80]
    match value.op:
        case "env":
            return f"environment variable {str(value.args[0])[:60]}"
        case "module":
            return f"require('{str(value.args[0])[:60]}')"
        case "get" if isinstance(value.args[1], str):
            return f"{describe(value.args[0])}.{value.args[1][:40]}"[:120]
        case "result":
            return f"{value.args[1]}()"[:120] if isinstance(value.args[1], str) else "the result of a call"
    return "an unknown value"
