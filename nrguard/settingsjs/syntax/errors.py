"""Why a text is not read: Node refuses it, or only this parser does."""

from __future__ import annotations


class Refused(Exception):
    """V8 refuses the text: Node-RED can't start from it. `at` is a character offset."""

    def __init__(self, at: int, why: str) -> None:
        super().__init__(why)
        self.at = at
        self.why = why


class Unsure(Exception):
    """This parser gives up; Node may well load the text. `at` is a character offset."""

    def __init__(self, at: int, why: str) -> None:
        super().__init__(why)
        self.at = at
        self.why = why
