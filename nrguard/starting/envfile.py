"""An environment file, as systemd reads it for EnvironmentFile=: no shell, quotes and continued lines. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from nrguard.starting import Origin, Variable

_BLANK, _ENDS = " \t", "\n\r"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NEEDS_ESCAPE = '"\\`$'  # what a backslash escapes within double quotes


def variables(text: str, path: str) -> list[Variable]:
    """Return what the file sets, in its order; what systemd ignores is not there. Lines are those of the names."""
    found = ((_joined(key).strip(_BLANK), value, line) for key, value, line in _Reader(text).pairs())
    return [Variable(name, value, Origin(path, line)) for name, value, line in found if _NAME.fullmatch(name)]


def _joined(key: str) -> str:
    return key.replace("\r", "")


@dataclass(slots=True)
class _Reader:
    """Walks over the text once, as systemd's own state machine does (systemd: env-file.c)."""

    text: str
    at: int = 0
    line: int = 1
    value: list[str] = field(default_factory=list)

    def pairs(self) -> Iterator[tuple[str, str, int]]:
        while self.at < len(self.text):
            char = self.text[self.at]
            if char in "#;":
                self._comment()
            elif char in _BLANK + _ENDS:
                self._take()
            elif (pair := self._assignment()) is not None:
                yield pair

    def _take(self) -> str:
        char = self.text[self.at]
        self.at += 1
        self.line += char == "\n"
        return char

    def _comment(self) -> None:
        """Leave the line. One that ends in a backslash goes on only before systemd 254: read it as if it did not."""
        while self.at < len(self.text) and self._take() not in _ENDS:
            pass

    def _assignment(self) -> tuple[str, str, int] | None:
        line, start = self.line, self.at
        while self.at < len(self.text) and self.text[self.at] not in "=" + _ENDS:
            self.at += 1
        key = self.text[start : self.at]
        if self.at >= len(self.text) or self._take() != "=":
            return None
        return key, self._value(), line

    def _value(self) -> str:
        """Return the value after a "=": quotes count only where the value, or the rest of it, starts."""
        self.value = []
        while self.at < len(self.text) and self.text[self.at] not in _ENDS:
            char = self.text[self.at]
            if char in _BLANK:
                self._take()
            elif char in "'\"":
                self._quoted(self._take())
            else:
                self._plain()
        return "".join(self.value)

    def _quoted(self, quote: str) -> None:
        while self.at < len(self.text):
            char = self._take()
            if char == quote:
                return
            if char == "\\" and quote == '"' and self.at < len(self.text):
                char = self._take()
                char = "" if char == "\n" else char if char in _NEEDS_ESCAPE else "\\" + char
            self.value.append(char)

    def _plain(self) -> None:
        """Take the rest of the line, continued by backslashes, without the white space at its end."""
        kept = len(self.value)
        while self.at < len(self.text) and self.text[self.at] not in _ENDS:
            char = self._take()
            escaped = char == "\\"
            if escaped:
                char = self._take() if self.at < len(self.text) else ""
                char = "" if char == "\n" else char
            self.value.append(char)
            if escaped or char not in _BLANK:
                kept = len(self.value)
        del self.value[kept:]
