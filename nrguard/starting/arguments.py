"""Node-RED's own arguments, read as its parser reads them (nopt 5: abbreviations, `--no-`, joined short ones). Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from nrguard.starting import Word

_SWITCHES = ("help", "verbose", "safe", "version", "no-telemetry")
_VALUED = ("port", "settings", "title", "userDir", "define")
_KNOWN = (*_SWITCHES, *_VALUED)
_SHORT = {"?": "help", "p": "port", "s": "settings", "t": "help", "u": "userDir", "v": "verbose", "D": "define"}
_DASHES = re.compile(r"-{2,}")
_LOOKS_LIKE_OPTION = re.compile(r"-{1,2}[^-]+")


@dataclass(slots=True)
class Arguments:
    """What was asked for; of an option given twice the last one counts, except for `define`."""

    settings: Word | None = None
    user_dir: Word | None = None
    port: Word | None = None
    defines: list[Word] = field(default_factory=list)
    safe: bool = False


def read(words: Sequence[Word]) -> Arguments:
    """Return what Node-RED makes of the words after red.js."""
    made = Arguments()
    rest = list(words)
    while rest and not _DASHES.fullmatch(rest[0].text):
        word = rest.pop(0)
        if word.text.startswith("-") and len(word.text) > 1:
            _option(made, word, rest)
    return made


def _option(made: Arguments, word: Word, rest: list[Word]) -> None:
    """Take one option, and its value where it has one, out of `rest`."""
    text, equals, value = word.text.partition("=")
    if equals:
        rest.insert(0, replace(word, text=value))
    joined = _joined(text)
    if joined:
        rest[:0] = [replace(word, text=f"--{name}") for name in joined[1:]]
        text = f"--{joined[0]}"
    name, negated = _meant(text)
    if name in _VALUED and negated is None:
        _valued(made, name, word, rest)
    elif name in _SWITCHES or negated is not None or not equals:
        _switch(made, name, rest, negated=bool(negated))
    elif rest and not _DASHES.fullmatch(rest[0].text):
        rest.pop(0)  # the value of an option that Node-RED does not know


def _joined(text: str) -> list[str]:
    """Return the long names behind joined short ones: "-vD"; none for anything else."""
    bare = text.lstrip("-")
    if bare in _KNOWN or not bare or not all(char in _SHORT for char in bare):
        return []
    return [_SHORT[char] for char in bare]


def _meant(text: str) -> tuple[str, bool | None]:
    """Return the name of the option, spelled out, and whether a `no-` turns it round; None without one."""
    bare, negated = text.lstrip("-"), None
    while bare.lower().startswith("no-"):
        bare, negated = bare[3:], not negated
    if bare in _KNOWN:
        return bare, negated
    meant = [name for name in _KNOWN if name.startswith(bare)] if bare else []
    return (meant[0] if len(meant) == 1 else bare), negated


def _switch(made: Arguments, name: str, rest: list[Word], *, negated: bool) -> None:
    value = not negated
    if rest and rest[0].text in ("true", "false"):
        value = (rest.pop(0).text == "true") is not negated
    if name == "safe":
        made.safe = value


def _valued(made: Arguments, name: str, word: Word, rest: list[Word]) -> None:
    if name == "title" and rest and _LOOKS_LIKE_OPTION.match(rest[0].text):
        return
    value = None if not rest or _DASHES.fullmatch(rest[0].text) else replace(rest.pop(0), origin=word.origin)
    match name:
        case "settings":
            made.settings = value
        case "userDir":
            made.user_dir = value
        case "port":
            made.port = value
        case "define" if value is not None:  # without one Node-RED ends
            made.defines.append(value)
