"""A file's text to its syntax tree, as Node's CommonJS loader compiles it: the body of a sloppy function."""

from __future__ import annotations

from nrguard.settingsjs.syntax.cursor import END, Cursor, Grammar
from nrguard.settingsjs.syntax.expressions import assignment, expression
from nrguard.settingsjs.syntax.statements import statement, statement_list
from nrguard.settingsjs.syntax.tree import Program

_GRAMMAR = Grammar(assignment, expression, statement_list, statement)


def parse(source: str) -> Program:
    """Return the tree of `source`. Raise Refused where V8 would not compile it, Unsure where only this parser stops."""
    cursor = Cursor(source, _GRAMMAR)
    body = statement_list(cursor)
    if cursor.kind != END:
        raise cursor.unexpected()
    scope = cursor.scopes.scopes[0]
    return Program(
        0, len(source), body, cursor.scopes.strict, frozenset(scope.variables), cursor.tokens, cursor.oddities
    )
