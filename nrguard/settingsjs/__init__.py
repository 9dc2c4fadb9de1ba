"""Reading and editing settings.js as text: what it means, without ever running it. Pure: no I/O."""

from __future__ import annotations

from nrguard.settingsjs.comparing import compare, extended
from nrguard.settingsjs.reading import read
from nrguard.settingsjs.settings import NAMES
from nrguard.settingsjs.weaknesses import weaknesses

__all__ = ["NAMES", "compare", "extended", "read", "weaknesses"]
