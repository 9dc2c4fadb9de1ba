"""How the program of a look is started, and what it said is read. Pure."""

from __future__ import annotations

import json
import sys
from dataclasses import fields
from typing import Any, TypeVar

import nrguard
from nrguard.codec import Malformed, from_json, to_json
from nrguard.escape import visible
from nrguard.model import Blind

# No site packages, no environment: half of a look is the start of the child.
_START = "import sys; sys.path.append(sys.argv.pop(1)); from nrguard.looks.{} import main; main()"

_BLIND = {field.name for field in fields(Blind)}

Part = TypeVar("Part")


def command(look: str, request: object = None, *, light: bool = True) -> tuple[str, ...]:
    """Return the argument list of a child that runs nrguard/looks/`look`.py with `request` as JSON in argv[1].

    `light`: it needs nothing but the standard library.
    """
    home = nrguard.__path__[0].rpartition("/")[0]
    isolated = ("-I", "-S") if light else ("-I",)
    return (sys.executable, *isolated, "-c", _START.format(look), home, json.dumps(to_json(request)))


def answer(wanted: type[Part], output: bytes, about: str) -> Part | Blind:
    """Return what the child printed as a `wanted`; Blind where it says so itself, or printed nothing that fits.

    `about` names the look.
    """
    try:
        said: Any = json.loads(output)
        if isinstance(said, dict) and said.keys() == _BLIND:
            blind: Blind = from_json(Blind, said)
            return blind
        part: Part = from_json(wanted, said)
    except Malformed as error:
        return Blind(f"the look at {about} gave no readable answer: {visible(str(error), limit=80)}")
    except (ValueError, RecursionError):
        return Blind(f"the look at {about} ended without an answer")
    return part
