"""From the words of ExecStart= to those that Node and Node-RED get. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from nrguard.starting import Variable, Word
from nrguard.starting.words import relaxed_words

_ALONE = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")
_BRACED = re.compile(r"\$\$|\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_ASSIGNED = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)
_TAKES_NEXT = frozenset({
    "-r", "--require", "--import", "--loader", "--experimental-loader", "-C", "--conditions", "-e", "--eval",
    "--env-file", "--env-file-if-exists", "--title", "--icu-data-dir", "--openssl-config", "--input-type",
    "--dns-result-order", "--unhandled-rejections", "--redirect-warnings", "--diagnostic-dir", "--inspect-port",
    "--debug-port", "--stack-trace-limit", "--snapshot-blob",
})  # fmt: skip
_SHELL_SYNTAX = re.compile(r"[;&|<>`$()*?\n]")
_PI_KEPT = ("--userDir", "--settings", "--help")
_SHELLS = ("sh", "bash", "dash")


@dataclass(slots=True)
class Commands:
    """What Node gets before its script, and what Node-RED gets after it. Not `sure`: by a program of unknown habits."""

    node: list[Word] = field(default_factory=list)
    red: list[Word] = field(default_factory=list)
    variables: list[Variable] = field(default_factory=list)  # that the command line itself sets
    sure: bool = True


def expanded(command: Sequence[Word], variables: Mapping[str, Variable]) -> list[Word]:
    """Return the words with their variables replaced, as systemd does it; each says where it was written."""
    made: list[Word] = []
    for word in command:
        if alone := _ALONE.fullmatch(word.text):
            given = variables.get(alone[1])
            made += [Word(text, given.origin) for text in relaxed_words(given.value)] if given else []
        else:
            made.append(_filled(word, variables))
    return made


def _filled(word: Word, variables: Mapping[str, Variable]) -> Word:
    origin = word.origin

    def fill(found: re.Match[str]) -> str:
        nonlocal origin
        if found[1] is None:
            return "$"
        given = variables.get(found[1])
        origin = given.origin if given else origin
        return given.value if given else ""

    text = _BRACED.sub(fill, word.text)
    return Word(text, origin)


def taken_apart(command: Sequence[Word]) -> Commands:
    """Return who gets which words of `command`."""
    made = Commands()
    rest = list(command)
    while rest:
        name = rest[0].text.rpartition("/")[2]
        rest = rest[1:]
        if name == "env":
            rest = _after_env(rest, made)
        elif name in _SHELLS and rest and rest[0].text == "-c" and len(rest) > 1:
            rest = _shell(rest[1], made)
        elif name in ("node", "nodejs"):
            return _after_node(rest, made)
        elif name == "node-red-pi":
            return _after_pi(rest, made)
        elif name in ("node-red", "red.js"):
            made.red = rest
            return made
        else:
            made.red, made.sure = rest, False
            return made
    made.sure = False
    return made


def _after_env(rest: list[Word], made: Commands) -> list[Word]:
    while rest:
        text = rest[0].text
        if assigned := _ASSIGNED.fullmatch(text):
            made.variables.append(Variable(assigned[1], assigned[2], rest[0].origin))
            rest = rest[1:]
        elif text in ("-S", "--split-string") and len(rest) > 1:
            rest = [replace(rest[1], text=piece) for piece in _split(rest[1].text)] + rest[2:]
        elif text in ("-u", "--unset", "-C", "--chdir"):
            made.sure = False
            rest = rest[2:]
        elif text.startswith("-"):
            made.sure = made.sure and text == "--"
            rest = rest[1:]
        else:
            break
    return rest


def _shell(script: Word, made: Commands) -> list[Word]:
    """Return the words of a shell's command as far as they stand there; what needs a shell is not worked out."""
    made.sure = made.sure and not _SHELL_SYNTAX.search(script.text)
    texts = _split(script.text)
    while texts and (texts[0] in ("exec", "cd", "&&") or "=" in texts[0]):
        texts = texts[1:]
    return [replace(script, text=text) for text in texts]


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:  # a quote that does not end
        return text.split()


def _after_node(rest: list[Word], made: Commands) -> Commands:
    at = 0
    while at < len(rest) and rest[at].text.startswith("-"):
        if rest[at].text == "--":
            at += 1
            break
        at += 2 if rest[at].text in _TAKES_NEXT else 1
    made.node += [word for word in rest[:at] if word.text != "--"]
    script = rest[at].text.rpartition("/")[2] if at < len(rest) else ""
    made.red = rest[at + 1 :]
    made.sure = made.sure and script in ("red.js", "node-red")
    return made


def _after_pi(rest: list[Word], made: Commands) -> Commands:
    """Sort as the script node-red-pi does: it hands few of the long options on to Node-RED, and cuts at each blank."""
    pieces = [replace(word, text=text) for word in rest for text in (word.text.split() or [""])]
    options = [word for word in pieces if word.text.startswith("--") and word.text not in _PI_KEPT]
    arguments = [word for word in pieces if word not in options and word.text]
    end = next((at for at, word in enumerate(options) if word.text == "--"), len(options))
    made.node += options[:end]
    made.red = arguments
    return made
