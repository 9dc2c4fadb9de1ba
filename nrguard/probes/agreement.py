"""Which of several looks over the network is believed. Pure: no I/O.

One look may be mistaken: a server under load, a network that is just coming up. What two of the last three looks at a
socket agree on is believed; until then it is looked again at once, and what was believed before still counts.
"""

from __future__ import annotations

from collections.abc import Sequence

from nrguard.model import Admin, Blind, Wire

WINDOW = 3  # looks
_ACCUSES_NOBODY = (Admin.SILENT, Admin.STARTING)


def believed(looks: Sequence[Wire | Blind]) -> tuple[Wire | Blind | None, bool]:
    """Return what to believe, and whether to look again at once. `looks` are of one socket, the newest first."""
    newest, *others = looks[:WINDOW]
    if any(_agree(newest, other) for other in others):
        return newest, False
    if not others:
        mild = isinstance(newest, Wire) and newest.admin in _ACCUSES_NOBODY
        return (newest, False) if mild else (None, True)
    if len(others) == 1:
        return None, True
    if _agree(*others):
        return others[0], True
    return Blind("three looks over the network gave three different answers"), False


def _agree(one: Wire | Blind, other: Wire | Blind) -> bool:
    """Tell whether two looks say the same of what a stranger gets; the certificate may have been renewed between."""
    return _facts(one) == _facts(other)


def _facts(look: Wire | Blind) -> tuple[object, ...]:
    if isinstance(look, Blind):
        return ("blind",)
    return (look.admin, look.tls, look.nodes, look.static, look.comms, look.permissions, look.https_required)
