"""What `inspect` shows to a person: at most 80 columns, everything from the file escaped."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator

from nrguard.commands.inspect_files import Given
from nrguard.escape import visible
from nrguard.model import PROTECTABLE, Comparison, FileState, Reading, Setting, SettingState, View

_WIDTH = 80
_NAME = 18
_STATES = {
    FileState.SOUND: "sound: every byte of it is accounted for",
    FileState.UNPROVEN: "unproven: some of its code could change what it says",
    FileState.BROKEN: "broken: Node-RED does not start from it",
    FileState.MISSING: "missing: Node-RED would start open, with its own defaults",
}


def print_view(given: Given, reading: Reading, comparison: Comparison | None) -> None:
    """Print one file for a person."""
    for line in lines(given.path, reading, comparison):
        print(line)


def lines(path: str, reading: Reading, comparison: Comparison | None) -> Iterator[str]:
    """Give the lines of the view."""
    yield from _wrapped(visible(path), "")
    yield from _wrapped(_STATES[reading.state])
    for reason in reading.reasons:
        yield from _wrapped(f"line {reason.line}, column {reason.column}: {visible(reason.why)}")
    if comparison is not None:
        yield ""
        yield f"  against the good file: {comparison.verdict.value}"
        for one in comparison.differences:
            where = f" (line {one.line})" if one.line else ""
            yield from _wrapped(f"{one.severity} {visible(one.setting)}{where}: {visible(one.saw)}")
            yield from _wrapped(f"wanted: {visible(one.want)}", "      ")
    if reading.state in (FileState.SOUND, FileState.UNPROVEN):
        yield ""
        yield from _settings(reading)
    if reading.weaknesses:
        yield ""
        for weak in reading.weaknesses:
            yield from _wrapped(f"{weak.severity} {weak.setting} (line {weak.line}): {visible(weak.what)}")


def _settings(reading: Reading) -> Iterator[str]:
    absent = []
    for name, setting in reading.settings.items():
        if setting.state is SettingState.ABSENT and name not in PROTECTABLE:
            absent.append(name)
            continue
        line = f"line {setting.line}" if setting.line else ""
        yield from _row(name, _told(setting), line)
    if absent:
        yield from _wrapped(f"not set: {', '.join(absent)}")


def _row(name: str, text: str, where: str) -> Iterator[str]:
    room = _WIDTH - _NAME - 4 - 10
    first, *rest = textwrap.wrap(text, room) or [""]
    yield f"  {name:<{_NAME}}  {first:<{room}}{where:>10}".rstrip()
    for line in rest[:5]:
        yield f"  {'':<{_NAME}}  {line}"


def _told(setting: Setting) -> str:
    match setting.state:
        case SettingState.ABSENT:
            return "not set"
        case SettingState.UNPROVEN:
            return "can't be known"
        case SettingState.DEPENDS:
            possible = f": {', '.join(_short(one) for one in setting.possible)}, …" if setting.possible else ""
            return visible(f"depends on {', '.join(setting.on)}{possible}")
    return visible(_short(setting.value))


def _short(value: View) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 200 else text[:199] + "…"


def _wrapped(text: str, indent: str = "  ") -> Iterator[str]:
    yield from textwrap.wrap(
        text, _WIDTH, initial_indent=indent, subsequent_indent=indent + "  ", break_on_hyphens=False
    )
