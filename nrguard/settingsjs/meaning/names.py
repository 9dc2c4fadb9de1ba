"""What names stand for: the file's own, and the globals of Node."""

from __future__ import annotations

from nrguard.settingsjs.meaning.run import Run
from nrguard.settingsjs.meaning.values import UNDEFINED, UNSET, Lost, Scope, Thrown, Value, host

GLOBALS = frozenset(
    (
        "AbortController", "AbortSignal", "AggregateError", "Array", "ArrayBuffer", "AsyncDisposableStack", "Atomics",
        "BigInt", "BigInt64Array", "BigUint64Array", "Blob", "Boolean", "BroadcastChannel", "Buffer",
        "ByteLengthQueuingStrategy", "CloseEvent", "CompressionStream", "CountQueuingStrategy", "Crypto", "CryptoKey",
        "CustomEvent", "DOMException", "DataView", "Date", "DecompressionStream", "DisposableStack", "Error",
        "ErrorEvent", "EvalError", "Event", "EventSource", "EventTarget", "File", "FinalizationRegistry",
        "Float16Array", "Float32Array", "Float64Array", "FormData", "Function", "Headers", "Infinity", "Int16Array",
        "Int32Array", "Int8Array", "Intl", "Iterator", "JSON", "Map", "Math", "MessageChannel", "MessageEvent",
        "MessagePort", "NaN", "Navigator", "Number", "Object", "Performance", "PerformanceEntry", "PerformanceMark",
        "PerformanceMeasure", "PerformanceObserver", "PerformanceObserverEntryList", "PerformanceResourceTiming",
        "Promise", "Proxy", "RangeError", "ReadableByteStreamController", "ReadableStream",
        "ReadableStreamBYOBReader", "ReadableStreamBYOBRequest", "ReadableStreamDefaultController",
        "ReadableStreamDefaultReader", "ReferenceError", "Reflect", "RegExp", "Request", "Response", "Set",
        "SharedArrayBuffer", "Storage", "String", "SubtleCrypto", "SuppressedError", "Symbol", "SyntaxError",
        "TextDecoder", "TextDecoderStream", "TextEncoder", "TextEncoderStream", "TransformStream",
        "TransformStreamDefaultController", "TypeError", "URIError", "URL", "URLPattern", "URLSearchParams",
        "Uint16Array", "Uint32Array", "Uint8Array", "Uint8ClampedArray", "WeakMap", "WeakRef", "WeakSet",
        "WebAssembly", "WebSocket", "WritableStream", "WritableStreamDefaultController",
        "WritableStreamDefaultWriter", "atob", "btoa", "clearImmediate", "clearInterval", "clearTimeout", "console",
        "crypto", "decodeURI", "decodeURIComponent", "encodeURI", "encodeURIComponent", "escape", "eval", "fetch",
        "gc", "global", "globalThis", "isFinite", "isNaN", "localStorage", "navigator", "parseFloat", "parseInt",
        "performance", "process", "queueMicrotask", "sessionStorage", "setImmediate", "setInterval", "setTimeout",
        "structuredClone", "undefined", "unescape", "GLOBAL", "root", "DTRACE_HTTP_CLIENT_REQUEST",
    )
)  # fmt: skip
"""Every global of Node 10 to 24. A name that is none of them, and not declared, is a ReferenceError."""

_EVERYWHERE = frozenset(
    (
        "Array", "ArrayBuffer", "Boolean", "Buffer", "DataView", "Date", "Error", "EvalError", "Float32Array",
        "Float64Array", "Function", "Int16Array", "Int32Array", "Int8Array", "JSON", "Map", "Math", "Number", "Object",
        "Promise", "Proxy", "RangeError", "ReferenceError", "Reflect", "RegExp", "Set", "String", "Symbol",
        "SyntaxError", "TypeError", "URIError", "URL", "URLSearchParams", "Uint16Array", "Uint32Array", "Uint8Array",
        "Uint8ClampedArray", "WeakMap", "WeakSet", "clearImmediate", "clearInterval", "clearTimeout", "console",
        "decodeURI", "decodeURIComponent", "encodeURI", "encodeURIComponent", "escape", "eval", "global", "isFinite",
        "isNaN", "parseFloat", "parseInt", "process", "setImmediate", "setInterval", "setTimeout", "unescape",
    )
)  # fmt: skip
"""The globals that each of them has."""
_CONSTANTS: dict[str, Value] = {"undefined": UNDEFINED, "NaN": float("nan"), "Infinity": float("inf")}


def look_up(run: Run, scope: Scope, name: str, at: int, *, missing: Value | None = None) -> Value:
    """Return what `name` stands for. Raise Thrown where it stands for nothing, unless `missing` is given."""
    found: Scope | None = scope
    while found is not None:
        if name in found.names:
            value = found.names[name]
            if value is UNSET:
                raise Thrown(UNDEFINED, at, f'ReferenceError: "{name[:40]}" is used before it is declared')
            return value
        found = found.parent
    if name in run.made_globals:
        return run.made_globals[name]
    if name in _CONSTANTS:
        return _CONSTANTS[name]
    if name == "arguments":
        raise Lost(at, "arguments: nrguard does not follow this")
    if name in GLOBALS or name in _OBJECT_MEMBERS:
        return _of_node(run, name, at)
    if missing is not None:
        return missing
    if run.effects:
        raise Lost(at, f'"{name[:40]}" is declared nowhere in this file')
    raise Thrown(UNDEFINED, at, f'ReferenceError: "{name[:40]}" is not defined')


def _of_node(run: Run, name: str, at: int) -> Value:
    if name in _EVERYWHERE or name in _OBJECT_MEMBERS:
        return host(name)
    value = host(name, sure=None)  # some versions do not have it
    if run.may_throw(value, at):
        raise Thrown(UNDEFINED, at, f'ReferenceError: "{name}" is not defined')
    return value


_OBJECT_MEMBERS = frozenset(
    (
        "constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString", "toString",
        "valueOf", "__proto__", "__defineGetter__", "__defineSetter__", "__lookupGetter__", "__lookupSetter__",
    )
)  # fmt: skip


def assign_name(run: Run, scope: Scope, name: str, value: Value, at: int) -> None:
    """Assign to a name that may be declared further out, or nowhere."""
    run.changes(at)
    found: Scope | None = scope
    while found is not None:
        if name in found.names:
            if found.names[name] is UNSET:
                raise Thrown(UNDEFINED, at, f'ReferenceError: "{name[:40]}" is used before it is declared')
            if found.silent and not scope.strict:
                return
            if name in found.constants:
                raise Thrown(UNDEFINED, at, f'TypeError: "{name[:40]}" is a constant')
            found.names[name] = value
            return
        found = found.parent
    _assign_global(run, name, value, at, strict=scope.strict)


def _assign_global(run: Run, name: str, value: Value, at: int, *, strict: bool) -> None:
    if name in _CONSTANTS:
        if strict:
            raise Thrown(UNDEFINED, at, f'TypeError: "{name}" is read-only')
        return
    if name in GLOBALS or name in _OBJECT_MEMBERS:
        raise Lost(at, f"changes the global {name}")
    if strict and name not in run.made_globals:
        raise Thrown(UNDEFINED, at, f'ReferenceError: "{name[:40]}" is not defined')
    run.effect("global", at, f"makes a global variable {name[:40]}", name, value)
    run.made_globals[name] = value
