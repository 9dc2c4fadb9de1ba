"""Node-RED's own arguments, read as its parser reads them (nopt 5: abbreviations, `--no-`, joined short ones). Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from nrguard.starting import Word

_SWITCHES = ("help", "verbose", "safe", "version", "no-telemetry")
_VALUED = ("port", "settings", "title", "userDir", "define")
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
    queue = list(words)
    while queue:
        word = queue.pop(0)
        if _DASHES.fullmatch(word.text):
            break
        if not word.text.startswith("-") or len(word.text) == 1:
            continue
        if "=" in word.text:
            name, _, value = word.text.partition("=")
            queue.insert(0, replace(word, text=value))
            word = replace(word, text=name)
        _option(made, word, queue)
    return made


def _option(made: Arguments, word: Word, queue: list[Word]) -> None:
    names = _names(word.text)
    for name in names[:-1]:  # joined short ones: "-vp 1881"; what takes a value and has none gets nothing
        _switch(made, name)
    name = names[-1]
    if name in _VALUED:
        _valued(made, name, word, queue)
    else:
        _switch(made, name)
        if queue and queue[0].text in ("true", "false"):
            queue.pop(0)


def _names(text: str) -> list[str]:
    """Return the long names that one option stands for; the bare text for one that Node-RED does not know."""
    bare = text.lstrip("-")
    if bare in _SWITCHES + _VALUED:
        return [bare]
    if bare and all(char in _SHORT for char in bare):
        return [_SHORT[char] for char in bare]
    while bare.lower().startswith("no-"):
        bare = bare[3:]
    meant = [name for name in _SWITCHES + _VALUED if name.startswith(bare)] if bare else []
    return meant if len(meant) == 1 else [bare]


def _switch(made: Arguments, name: str) -> None:
    made.safe = made.safe or name == "safe"


def _valued(made: Arguments, name: str, word: Word, queue: list[Word]) -> None:
    if not queue or _DASHES.fullmatch(queue[0].text):
        return
    if name == "title" and _LOOKS_LIKE_OPTION.match(queue[0].text):
        return
    value = replace(queue.pop(0), origin=word.origin)
    match name:
        case "settings":
            made.settings = value
        case "userDir":
            made.user_dir = value
        case "port":
            made.port = value
        case "define":
            made.defines.append(value)
