"""What a stored password is worth. Nothing here returns a hash or a password."""

from __future__ import annotations

import re
from dataclasses import dataclass

_BCRYPT = re.compile(r"\$2([abxy]?)\$([0-9]{2})\$[./A-Za-z0-9]{53}")
_MD5 = re.compile(r"[0-9a-fA-F]{32}")
_ALMOST = re.compile(r"\$2[abxy]?\$")

SAMPLES = frozenset(
    (
        "$2a$08$zZWtXTja0fB1pzD4sHCMyOCMYz2Z6dNbM6tl8sJogENOMcxWV9DN.",
        "$2b$08$wuAqPiKJlVN27eF5qJp.RuQYuy6ZYONW7a/UWYxDTtwKFCdB8F19y",
    )
)
"""Hashes that Node-RED's own documentation publishes, the first of them for the password "password"."""

LEAST_COST = 8
"""What Node-RED's own hash-pw uses; less is weak."""


@dataclass(frozen=True, slots=True)
class Stored:
    """`kind`: "bcrypt", "md5", "malformed", "plain-text", "none". `variant` is the letter of a bcrypt hash."""

    kind: str
    cost: int = 0
    variant: str = ""
    sample: bool = False

    def __str__(self) -> str:
        return f"bcrypt, cost {self.cost}" if self.kind == "bcrypt" else self.kind.replace("-", " ")


def stored(password: str) -> Stored:
    """Return what `password`, as it stands in settings.js, is."""
    match = _BCRYPT.fullmatch(password)
    if match:
        cost = int(match[2])
        if match[1] not in ("a", "b", "y") or not 4 <= cost <= 31:  # no library accepts `$2x$`, `$2$`
            return Stored("malformed", cost, match[1])
        return Stored("bcrypt", cost, match[1], password in SAMPLES)
    if not password:
        return Stored("none")
    if _MD5.fullmatch(password):
        return Stored("md5", sample=password.lower() == "5f4dcc3b5aa765d61d8327deb882cf99")
    return Stored("malformed" if _ALMOST.match(password) else "plain-text")
