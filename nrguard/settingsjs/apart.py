"""Where unproven code stands: inside settings that decide no protection, or where it could matter. Pure: no I/O."""

from __future__ import annotations

import re

from nrguard.model import ADJACENT, PROTECTABLE, Reading, Reason
from nrguard.settingsjs.document import Document, offset

_DECIDING = frozenset((*PROTECTABLE, *ADJACENT))
_ORDINARY = re.compile(
    r"requires '.*'|.* holds (a function, which runs later|require\('.*, which nrguard can't see into)"
)
"""The reasons, as held.py and meaning/modules.py word them, that owners' modules and functions lead to.

Whatever else is done while the file loads could reach the settings, wherever it stands.
"""


def stands_apart(document: Document, reading: Reading) -> bool:
    """Tell whether all unproven code of `reading` is modules and functions in members that decide no protection.

    Such code (a module in functionGlobalContext, say) may still do anything once it runs: what a stranger gets from
    the running Node-RED has to be looked at.
    """
    return bool(reading.reasons) and all(_is_apart(document, reason) for reason in reading.reasons)


def _is_apart(document: Document, reason: Reason) -> bool:
    if not _ORDINARY.fullmatch(reason.why):
        return False
    at = offset(document.source, reason.line, reason.column)
    member = next((member for member in document.members if member.span.start <= at < member.span.end), None)
    return member is not None and member.kind == "pair" and member.name is not None and member.name not in _DECIDING
