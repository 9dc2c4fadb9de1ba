"""`require`: Node's own modules are known to change nothing by being loaded; all others may do anything."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nrguard.settingsjs.meaning.describe import describe
from nrguard.settingsjs.meaning.run import Run
from nrguard.settingsjs.meaning.values import UNDEFINED, Lost, Sym, Thrown, Value, host

CORE = frozenset(
    (
        "assert", "assert/strict", "async_hooks", "buffer", "child_process", "console", "constants", "crypto",
        "dgram", "diagnostics_channel", "dns", "dns/promises", "events", "fs", "fs/promises", "http", "http2",
        "https", "net", "os", "path", "path/posix", "perf_hooks", "punycode", "querystring", "readline",
        "readline/promises", "stream", "stream/promises", "string_decoder", "sys", "timers", "timers/promises", "tls",
        "tty", "url", "util", "util/types", "v8", "worker_threads", "zlib",
    )
)  # fmt: skip
"""Node's modules that do nothing by being loaded (`domain` changes events; module, process, vm reach everything)."""

_LOCAL = re.compile(r"\.{1,2}(?:/|$)|/")
_ENVIRONMENT = re.compile(r"env|config|secret", re.IGNORECASE)


def require(run: Run, args: Sequence[Value], at: int) -> Value:
    """Return what `require(…)` gives."""
    if not args:
        raise Thrown(UNDEFINED, at, "TypeError: require without a name")
    name = module_name(args[0])
    if name is None:
        if not isinstance(args[0], Sym):
            raise Thrown(UNDEFINED, at, "TypeError: require of what is no name")
        run.effect("require", at, "requires a module whose name can't be known", args[0])
        return Sym("module", (describe(args[0]),), args[0].on or frozenset({describe(args[0])}))
    plain = name.removeprefix("node:")
    if plain in CORE:
        return host(plain)
    run.effect("require", at, f"requires '{name[:80]}'", name, chained=False)
    if is_local(name):
        run.requires[name] = None
    if plain in ("module", "process", "vm", "repl", "inspector"):
        raise Lost(at, f"requires '{plain}', which can change anything")
    if _ENVIRONMENT.search(name):
        run.env_uncertain = f"require('{name}')"
    module = run.modules.setdefault(name, Sym("module", (name,), frozenset({name})))
    if run.may_throw(module, at):
        raise Thrown(UNDEFINED, at, f"require('{name}') may fail")
    return module


def is_local(name: str) -> bool:
    return _LOCAL.match(name) is not None


def module_name(value: Value) -> str | None:
    """Return the name that is required, `./x` for a file named by `__dirname`; None where it can't be known."""
    if isinstance(value, str):
        return value
    path = file_path(value)
    if path is not None and path.startswith("__dirname/"):
        return "./" + path.removeprefix("__dirname/")
    return path


def file_path(value: Value) -> str | None:
    """Return the path that `value` is, beginning with `__dirname` where that is the folder of settings.js."""
    if isinstance(value, str):
        return value
    if not isinstance(value, Sym):
        return None
    if value.op == "dir":
        return "__dirname" if not value.args else "__dirname/settings.js"
    if value.op in ("text", "+", "join"):
        pieces = [file_path(arg) for arg in value.args]
        known = [piece for piece in pieces if piece is not None]
        if len(known) < len(pieces):
            return None
        return ("/" if value.op == "join" else "").join(known)
    return None
