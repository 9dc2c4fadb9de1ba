"""Does what nrguard says of a file agree with what Node makes of it?"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from nrguard.model import FileState, Reading, SettingState
from nrguard.settingsjs import NAMES, read
from tests.differential.oracle import Loaded


def disagreements(reading: Reading, loaded: Loaded) -> list[str]:
    """Return each decided setting that nrguard has wrong, and a wrong state of the file."""
    if loaded.error:
        return []  # whatever is said of a file that Node refuses, nothing is opened by it
    if reading.state is FileState.BROKEN:
        return [f"called broken, and Node loads it: {reading.reasons[0].why}"]
    found = []
    for name in NAMES:
        setting, text = reading.settings[name], loaded.settings.get(name)
        if setting.state not in (SettingState.KNOWN, SettingState.ABSENT) or text is None:
            continue
        if setting.meaning != meaning(name, text):
            found.append(f"{name} is {setting.value!r} ({setting.state}), and Node has {text}")
        if setting.state is SettingState.ABSENT and text != "undefined":
            found.append(f"{name} is called absent, and Node has {text}")
    return found


def as_bytes(source: str) -> bytes:
    """Return the bytes of a file; a lone surrogate becomes what no UTF-8 reader accepts."""
    return source.encode("utf-8", "surrogatepass")


@lru_cache(10_000)
def meaning(name: str, text: str) -> str:
    """Return the digest of a setting whose value is written down as source text."""
    return read(as_bytes(f"module.exports = {{ {name}: {text} }}")).settings[name].meaning


def weaker(loaded: Mapping[str, str | None], good: Mapping[str, str | None]) -> list[str]:
    """Return the protected settings that protect in `good` and, in Node's own values, no longer do."""
    logins = ("adminAuth", "httpNodeAuth", "httpStaticAuth", "https")
    lost = [name for name in logins if _truthy(good.get(name)) and not _truthy(loaded.get(name))]
    if good.get("requireHttps") == "true" and loaded.get("requireHttps") != "true":
        lost.append("requireHttps")
    if _loopback(good.get("uiHost")) and not _loopback(loaded.get("uiHost")):
        lost.append("uiHost")
    return lost


def _truthy(text: str | None) -> bool:
    return text not in ("undefined", "null", "false", "0", "-0", "NaN", '""')


def _loopback(text: str | None) -> bool:
    return text in ('"127.0.0.1"', '"::1"', '"localhost"')
