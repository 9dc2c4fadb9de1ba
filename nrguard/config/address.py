"""Where a secret address stands: in the policy, in a file, in the environment, or with systemd's credentials."""

from __future__ import annotations

import re
from collections.abc import Callable

from nrguard.config.problems import Place, Wrong
from nrguard.config.scalars import path, text
from nrguard.config.section import Section
from nrguard.config.tree import Node

ADDRESS_KEYS = ("url", "url_file", "url_env", "credential")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CREDENTIAL = re.compile(r"(?!\.)[A-Za-z0-9_.-]{1,64}")


def read_address(section: Section, at: Place, what: str, url: Callable[[Node], str]) -> dict[str, str]:
    """Return which of ADDRESS_KEYS gives the address, and its value. `what` is called by that name in a complaint."""
    given = [key for key in ADDRESS_KEYS if key in section.found]
    if len(given) != 1:
        why = f"{what} has {' and '.join(given)}" if given else f"{what} has no address"
        raise Wrong(at, why, "exactly one of url, url_file, url_env and credential")
    readers = {"url": url, "url_file": path, "url_env": _variable, "credential": _credential}
    return {given[0]: section.read(given[0], readers[given[0]], "")}


def _variable(node: Node) -> str:
    found = text(node)
    if not _VARIABLE.fullmatch(found):
        raise Wrong(node, "this is no name of an environment variable", "such as NRGUARD_PHONE_URL")
    return found


def _credential(node: Node) -> str:
    found = text(node)
    if not _CREDENTIAL.fullmatch(found):
        raise Wrong(node, "this is no name of a credential", "the one that LoadCredential= gives it in the unit")
    return found
