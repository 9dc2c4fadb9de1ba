# ruff: noqa: E501 - tables of tokens
"""Many random files against Node: `python -m tests.fuzz.run --count 200000`. The last line has the totals.

Four kinds, in turn: a file made from the grammar (each decided setting must be what Node has), a good file tampered with
(what opens something must not be called equal or changed), a good file with its characters damaged (must be called
broken just where Node refuses it, and read like Node where not), and random bytes (must have a state).
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from functools import cache
from random import Random

from nrguard.model import FileState, Reading, Verdict
from nrguard.settingsjs import compare, read
from tests.differential.agreement import as_bytes, disagreements, weaker
from tests.differential.attacks import GOOD, hostile
from tests.differential.grammar import Maker, tampered
from tests.differential.oracle import Loaded, Oracle

_TOKEN = re.compile(r"\s+|[A-Za-z_$][\w$]*|\d+|'[^'\n]*'|\"[^\"\n]*\"|.", re.DOTALL)
_INSERTED = (
    ";", ",", "(", ")", "{", "}", "[", "]", "=", "=>", "...", "?", "?.", ":", ".", "+", "++", "-", "*", "**", "/", "//",
    "/*", "*/", "`", "${", '"', "'", "\\", "\n", "async ", "await ", "yield ", "let ", "const ", "var ", "function ",
    "class ", "static ", "get ", "new ", "this", "in ", "of ", "typeof ", "delete ", "return ", "break ", "if ", "else ",
    "for ", "while ", "try ", "catch ", "throw ", "with ", "0", "08", "1n", "/x/g", "#x", "@", "??", "||", "<!--", "-->",
    "\u2028", "\ufeff", "\\u0061", "=1", "...a", "a=>a", "'use strict';", "\0", "\r", "export ", "import ", "super",
)  # fmt: skip
_BASES = [source for source in hostile() if source]


def generated(random: Random, oracle: Oracle) -> tuple[str, list[str]]:
    """Return a file of the grammar, and what is wrong with its reading."""
    maker = Maker(random)
    source, env = maker.file(), maker.environment()
    loaded = oracle.load(source, env)
    wrong = disagreements(read(as_bytes(source), env=env), loaded)
    return source, wrong + disagreements(read(as_bytes(source)), loaded)


def tampering(random: Random, oracle: Oracle) -> tuple[str, list[str]]:
    """Return a good file that was tampered with, and the harmless verdict over it where something is open."""
    source, env = tampered(random, GOOD), Maker(random).environment()
    return source, harmless_verdicts(source, env, oracle.load(source, env), oracle)


def harmless_verdicts(source: str, env: Mapping[str, str], loaded: Loaded, oracle: Oracle) -> list[str]:
    """Return the verdicts equal and changed over a file with which Node has something open."""
    opened = [] if loaded.error else weaker(loaded.later, _wanted(oracle))
    found = []
    for known in (None, env):
        reading = read(as_bytes(source), env=known)
        verdict = compare(reading, _good(known is None)).verdict
        if opened and verdict in (Verdict.EQUAL, Verdict.CHANGED):
            found.append(f"{verdict}, and open: {opened}")
        found += disagreements(reading, loaded)
    return found


@cache
def _wanted(oracle: Oracle) -> Mapping[str, str | None]:
    return oracle.load(GOOD).settings


@cache
def _good(unknown: bool) -> Reading:
    return read(GOOD.encode(), env=None if unknown else {})


def damaged(random: Random, oracle: Oracle) -> tuple[str, list[str]]:
    """Return a file with damaged tokens, and where Node reads it differently."""
    source = _damage(random, random.choice(_BASES) if random.random() < 0.7 else Maker(random).file())
    loaded = oracle.load(source)
    found = harmless_verdicts(source, {}, loaded, oracle)
    if loaded.error == "SyntaxError" and read(as_bytes(source)).state is FileState.SOUND:
        found.append("called sound, and Node refuses it")
    return source, found


def _damage(random: Random, source: str) -> str:
    tokens = _TOKEN.findall(source)
    for _ in range(random.choice((1, 1, 2, 4))):
        at = random.randrange(len(tokens) or 1)
        match random.randrange(4):
            case 0:
                del tokens[at : at + 1]
            case 1:
                tokens.insert(at, random.choice(_INSERTED))
            case 2:
                tokens[at : at + 1] = [random.choice(_INSERTED)]
            case _:
                tokens.insert(at, random.choice(tokens or ["x"]))
    return "".join(tokens)


def bytes_(random: Random, oracle: Oracle) -> tuple[str, list[str]]:
    """Return random bytes, or a good file with a few of its bytes changed: reading them must only not fail."""
    data = bytearray(random.randbytes(random.randrange(200)) if random.random() < 0.3 else GOOD.encode())
    for _ in range(random.randrange(6)):
        if data:
            data[random.randrange(len(data))] = random.randrange(256)
    state = read(bytes(data)).state
    return repr(bytes(data)), [] if state in FileState else [f"no state: {state}"]


KINDS: tuple[Callable[[Random, Oracle], tuple[str, list[str]]], ...] = (generated, tampering, damaged, bytes_)


def main() -> int:
    """Run, print each failure with its seed, and return 1 if there was one."""
    parser = argparse.ArgumentParser(prog="tests.fuzz.run", description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0, help="of the first file; each file has the next one")
    args = parser.parse_args()
    oracle, ran, failed = Oracle(), Counter[str](), 0
    begin = time.monotonic()
    for seed in range(args.seed, args.seed + args.count):
        kind = KINDS[seed % len(KINDS)]
        source, wrong = kind(Random(seed), oracle)
        ran[kind.__name__.strip("_")] += 1
        if wrong:
            failed += 1
            print(f"seed {seed} ({kind.__name__}): {wrong[:3]}\n{source}\n", flush=True)
    oracle.close()
    kinds = ", ".join(f"{name} {count}" for name, count in ran.items())
    print(f"{sum(ran.values())} inputs ({kinds}) in {time.monotonic() - begin:.0f} s, {failed} failures")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
