"""What Node-RED can do with a password and with a bcrypt hash. Pure; hashing itself is the commands' work."""

from __future__ import annotations

import re

SAMPLE_HASH = "$2a$08$zZWtXTja0fB1pzD4sHCMyOCMYz2Z6dNbM6tl8sJogENOMcxWV9DN."
"""Stands, commented out, in every stock settings.js; the password is "password"."""

COSTS = range(8, 16)
"""Under 8 is guessed too fast; from 16 on, a Pi takes longer over a login than a browser waits."""

BYTES = 72
"""What bcrypt reads of a password. Every Node-RED ignores the rest in silence."""

ADVISED_LENGTH = 8
# The 22nd character of the salt carries only two bits, so four are possible.
_BCRYPT = re.compile(r"\$2[aby]\$(0[4-9]|[12][0-9]|3[01])\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{31}")


def bcrypt_cost(text: str) -> int | None:
    """Return the cost of a well-formed $2a$, $2b$ or $2y$ hash, None for anything else."""
    match = _BCRYPT.fullmatch(text)
    return int(match[1]) if match else None


def unusable(password: str) -> str:
    """Return why Node-RED could not be given this password, "" if it could."""
    try:
        size = len(password.encode())
    except UnicodeEncodeError:
        return "the password is not valid UTF-8"
    if not password:
        return "the password is empty, and Node-RED refuses a login without one"
    if "\0" in password:
        return "the password holds a NUL byte, which no login form can send"
    if size > BYTES:
        return f"the password has {size} bytes in UTF-8; bcrypt, and so Node-RED, ignores all after the first {BYTES}"
    return ""
