"""One token at a time, as the grammar asks for it: only the grammar knows whether "/" divides or begins a pattern."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nrguard.settingsjs.syntax import lexis
from nrguard.settingsjs.syntax.errors import Refused, Unsure
from nrguard.settingsjs.syntax.lexis import END, NAME, NUMBER, PRIVATE, PUNCTUATOR, REGEX, STRING
from nrguard.settingsjs.syntax.scopes import Scopes
from nrguard.settingsjs.syntax.tree import Node, Oddity, Tokens

DEEPEST = 80
"""Levels of nesting that are followed: real files stay under 30, and Python's stack must hold the parser's calls."""
LONGEST = 60_000
"""Tokens that are read: real files have under 10,000, and more would cost seconds."""
_MAY_COMMENT = frozenset("<-/")  # what an HTML-like comment, or one that never ends, begins with

Position = tuple[int, int, str, int, int, bool, bool]


@dataclass(frozen=True, slots=True)
class Grammar:
    """The knot that the recursion of the grammar needs: expressions hold functions, and functions hold statements."""

    assignment: Callable[[Cursor, bool], Node]  # True: what stands there may turn out to be a pattern
    expression: Callable[[Cursor, bool], Node]
    statements: Callable[[Cursor], tuple[Node, ...]]
    statement: Callable[[Cursor], Node]


class Cursor:
    """The token that the parser stands on (`kind`, `text`, `start`, `end`, `newline` before it), and how to go on."""

    __slots__ = (
        "_oddities", "arrow_at", "assignment", "cover", "depth", "end", "escaped", "expression", "grouped", "kind",
        "last_end", "newline", "no_in", "scopes", "source", "start", "statement", "statements", "text", "tokens",
        "trailing",
    )  # fmt: skip

    def __init__(self, source: str, grammar: Grammar) -> None:
        self.source = source
        self.assignment, self.expression = grammar.assignment, grammar.expression
        self.statements, self.statement = grammar.statements, grammar.statement
        self.scopes = Scopes()
        self.tokens = Tokens()
        self.grouped: dict[int, Node] = {}  # by their ids, the expressions that stand in parentheses
        self.trailing: dict[int, Node] = {}  # by their ids, the array and object literals that end in a comma
        self.cover = -1  # where an object literal stands that only a pattern may be, as `{a = 1}`
        self.arrow_at = -1  # where the innermost assignment expression begins: only there an arrow function may
        self.depth = 0
        self.no_in = False
        self.last_end = 0
        self.kind, self.text, self.start, self.end = PUNCTUATOR, "", 0, 0
        self.newline = self.escaped = False
        self._oddities: dict[str, Oddity] = {}
        self._scan(lexis.REST_OF_LINE.match(source, 0).end() if source.startswith("#!") else 0)  # type: ignore[union-attr]

    # --- moving

    def advance(self) -> None:
        """Go to the next token."""
        self.tokens.starts.append(self.start)
        self.tokens.texts.append(self.text)
        self.last_end = self.end
        self._scan(self.end)

    def _scan(self, pos: int) -> None:
        source = self.source
        begin = self._skip(pos)
        self.newline = begin > pos and lexis.LINE_END.search(source, pos, begin) is not None
        self.start = begin
        self.escaped = False
        match = lexis.TOKEN.match(source, begin)
        if match is None:
            self._rare(begin)
            return
        self.kind = kind = match.lastindex or END
        self.end = end = match.end()
        self.text = match[kind]
        if kind in (NUMBER, NAME):
            after = source[end : end + 1]
            if after and (after == "\\" or not after.isascii()) and after not in lexis.SPACES + lexis.LINE_ENDS:
                self._odd_end(begin, kind)
            elif kind == NUMBER and (after.isalnum() or after in ("_", "$")) and after:
                raise Refused(end, "a name can't begin right after a number")

    def _skip(self, pos: int) -> int:
        """Return where the next token begins: after white space, comments and HTML-like comments."""
        source = self.source
        first = pos
        while True:
            pos = lexis.SKIP.match(source, pos).end()  # type: ignore[union-attr] # it matches nothing, too
            if source[pos : pos + 1] not in _MAY_COMMENT:
                return pos
            opens = source.startswith("<!--", pos)
            closes = source.startswith("-->", pos) and self._begins_line(first, pos)
            if not (opens or closes):
                break
            self.odd(pos, "HTML-like comment: not every reader of JavaScript sees one here")
            pos = lexis.REST_OF_LINE.match(source, pos).end()  # type: ignore[union-attr]
        if source.startswith("/*", pos):
            raise Refused(pos, "a comment that never ends")
        return pos

    def _begins_line(self, first: int, pos: int) -> bool:
        return first == 0 or lexis.LINE_END.search(self.source, first, pos) is not None

    def _odd_end(self, begin: int, kind: int) -> None:
        if kind == NUMBER:
            char = self.source[self.end]
            if char == "\\" or char.isidentifier():
                raise Refused(self.end, "a name can't begin right after a number")
            return
        self._slow_name(begin)

    def _slow_name(self, begin: int) -> None:
        self.kind = NAME
        self.text, self.end = lexis.slow_name(self.source, begin)
        self.escaped = "\\" in self.source[begin : self.end]

    def _rare(self, begin: int) -> None:
        char = self.source[begin : begin + 1]
        if not char:
            self.kind, self.text, self.end = END, "", begin
        elif char == "#":
            self._slow_name(begin + 1)
            self.kind, self.text = PRIVATE, "#" + self.text
        elif char in "\"'":
            raise Refused(begin, "a string that never ends")
        else:
            self._slow_name(begin)

    # --- asking

    def at(self, text: str) -> bool:
        """Is the current token this punctuator or (unescaped) word?"""
        return self.text == text and (self.kind == PUNCTUATOR or (self.kind == NAME and not self.escaped))

    def eat(self, text: str) -> bool:
        if self.at(text):
            self.advance()
            return True
        return False

    def expect(self, text: str) -> None:
        if not self.eat(text):
            raise self.unexpected(f'"{text}" is missing')

    def unexpected(self, hint: str = "") -> Refused:
        """Return the error for the current token."""
        what = "the end of the file" if self.kind == END else f"{self.text[:40]}"
        return Refused(self.start, f"unexpected {what}" + (f": {hint}" if hint else ""))

    def semicolon(self) -> None:
        """Take a ";", or insert one where the grammar does."""
        if self.eat(";"):
            return
        if not (self.newline or self.at("}") or self.kind == END):
            raise self.unexpected()
        self.inserted()

    def inserted(self) -> None:
        """Log an inserted ";": line ends are no tokens, but here one has a meaning."""
        self.tokens.starts.append(self.last_end)
        self.tokens.texts.append(";")

    def odd(self, at: int, why: str) -> None:
        self._oddities.setdefault(why, Oddity(at, why))

    @property
    def oddities(self) -> tuple[Oddity, ...]:
        return tuple(self._oddities.values())

    # --- looking ahead and scanning again

    def mark(self) -> Position:
        return self.last_end, self.kind, self.text, self.start, self.end, self.newline, self.escaped

    def peek(self) -> tuple[int, str, bool]:
        """Return kind, text and newline-before of the token after this one."""
        here = self.mark()
        self._scan(self.end)
        ahead = self.kind, self.text, self.newline
        self.last_end, self.kind, self.text, self.start, self.end, self.newline, self.escaped = here
        return ahead

    def rescan_regex(self) -> None:
        """Read the current "/" or "/=" as the begin of a regular expression."""
        match = lexis.REGEX_BODY.match(self.source, self.start)
        if match is None:
            raise Refused(self.start, "a regular expression that never ends")
        after = self.source[match.end() : match.end() + 1]
        if after == "\\" or (after and not after.isascii() and after.isidentifier()):
            raise Refused(match.end(), "bad flags of a regular expression")
        self.kind, self.text, self.end = REGEX, match[0], match.end()

    def template_chunk(self, begin: int) -> tuple[str, bool, int]:
        """Return the raw characters from `begin` to the next "${" or "`", whether it is the last chunk, and its end."""
        end = lexis.TEMPLATE_CHUNK.match(self.source, begin).end()  # type: ignore[union-attr] # it matches nothing, too
        last = self.source.startswith("`", end)
        if not last and not self.source.startswith("${", end):
            raise Refused(begin, "a template that never ends")
        return self.source[begin:end], last, end + (1 if last else 2)

    def continue_at(self, end: int) -> None:
        """Log the source from the current token to `end` as one token, and go on behind it."""
        self.kind, self.text, self.end = PUNCTUATOR, self.source[self.start : end], end
        self.advance()

    # --- nesting

    def enter(self) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise Unsure(self.start, "nested too deeply to follow")
        if len(self.tokens.starts) > LONGEST:
            raise Unsure(self.start, "more code than nrguard reads")

    def leave(self) -> None:
        self.depth -= 1


__all__ = ["END", "NAME", "NUMBER", "PRIVATE", "PUNCTUATOR", "REGEX", "STRING", "Cursor", "Grammar"]
