"""Options of Node itself, and environment variables, that load code or open the inspector. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from nrguard.escape import visible
from nrguard.starting import Bearing, Deviation, Variable, Word

_LOADING = frozenset({
    "--require", "-r", "--import", "--loader", "--experimental-loader", "--eval", "-e", "--env-file",
    "--env-file-if-exists", "--openssl-config", "--snapshot-blob", "--experimental-config-file",
})  # fmt: skip
_INSPECTING = frozenset({"--inspect", "--inspect-brk", "--inspect-wait"})
_WEAK_TLS = frozenset({"--tls-min-v1.0", "--tls-min-v1.1"})
_LOADING_VARIABLES = frozenset({"LD_PRELOAD", "LD_AUDIT", "BASH_ENV", "NODE_PATH", "OPENSSL_CONF"})
_PIECE = re.compile(r'(?:"(?:[^"\\]|\\.)*"|[^\s"])+')

Trusted = Callable[[str], bool]
"""Tells whether a file belongs to root alone, its folder too."""


def of_node(words: Sequence[Word], trusted: Trusted) -> Iterator[Deviation]:
    """Yield what Node's own options do beyond running Node-RED. `words` stand before its script."""
    rest = list(words)
    while rest:
        word = rest.pop(0)
        name, equals, value = word.text.partition("=")
        name = name.replace("_", "-")
        if name in _LOADING:
            value = value if equals else rest.pop(0).text if rest else ""
            if value:  # else Node does not start
                saw, safe = f"{name} {_file(name, value)}", trusted(value)
                yield Deviation(Bearing.CODE, name, saw, word.origin, trusted=safe)
        elif name in _INSPECTING:
            saw = visible(word.text, limit=80)
            yield Deviation(Bearing.INSPECTOR, "inspector", saw, word.origin, value or "127.0.0.1:9229")
        elif name in _WEAK_TLS:
            yield Deviation(Bearing.SETTING, "https", name, word.origin)


def of_variables(variables: Mapping[str, Variable], trusted: Trusted) -> Iterator[Deviation]:
    """Yield what the environment makes Node or the loader do before Node-RED starts."""
    for name, variable in variables.items():
        if name == "NODE_OPTIONS":
            yield from of_node(pieces(variable), trusted)
        elif name in _LOADING_VARIABLES and variable.value:
            files = [part for part in re.split(r"[:\s]", variable.value) if part]
            saw = f"{name}={visible(variable.value, limit=120)}"
            safe = all(map(trusted, files))
            yield Deviation(Bearing.CODE, name, saw, variable.origin, trusted=safe)


def pieces(variable: Variable) -> list[Word]:
    """Return the words of NODE_OPTIONS, cut as Node cuts them: at blanks, but not within double quotes."""
    found = (piece[0] for piece in _PIECE.finditer(variable.value))
    return [Word(re.sub(r'\\(.)|"', r"\1", piece), variable.origin) for piece in found]


def _file(name: str, value: str) -> str:
    return "…" if name in ("--eval", "-e") else visible(value, limit=120)
