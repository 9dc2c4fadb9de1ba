"""The attack table: every way to lose a Node-RED's protection that is known, in groups."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from tests.attacks.row import Row, settings_js
from tests.attacks.rows import around, broken, code, overrides, settings

GROUPS: Mapping[str, tuple[Row, ...]] = {
    "settings.js means something else": settings.ROWS,
    "settings.js holds code": code.ROWS,
    "settings.js is broken, gone, or no plain file": broken.ROWS,
    "settings.js is overridden": overrides.ROWS,
    "beside settings.js": around.ROWS,
}
ROWS: Mapping[str, Row] = {row.id: row for rows in GROUPS.values() for row in rows}


def fingerprint(versions: tuple[str, ...]) -> str:
    """Return what a table of results was made of: these rows, on these versions of Node-RED."""
    return _digest((versions, GROUPS))


def row_fingerprint(row: Row) -> str:
    """Return what one result was made of."""
    return _digest((row, settings_js(row, attacked=False)))


def _digest(value: object) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()[:16]
