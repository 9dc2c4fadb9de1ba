"""Try passwords against the hashes of this computer's users, by the C library's own crypt(3)."""

from __future__ import annotations

import ctypes
import hmac
from collections.abc import Callable

_LIBRARIES = ("libcrypt.so.1", "libcrypt.so.2")  # Debian; Fedora, Arch

Fits = Callable[[str, str], bool]


def by_libcrypt() -> Fits | None:
    """Return what tells whether (a password, a hash) fit; None where there is no crypt(3) here."""
    library = next(filter(None, map(_loaded, _LIBRARIES)), None)
    if library is None:
        return None
    library.crypt.restype = ctypes.c_char_p
    library.crypt.argtypes = [ctypes.c_char_p, ctypes.c_char_p]

    def fits(password: str, hashed: str) -> bool:
        stored = hashed.encode()
        made = library.crypt(password.encode(), stored)
        return made is not None and hmac.compare_digest(made, stored)

    return fits


def _loaded(name: str) -> ctypes.CDLL | None:
    try:
        return ctypes.CDLL(name)
    except OSError:
        return None
