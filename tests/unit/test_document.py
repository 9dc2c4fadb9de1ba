"""The document: which object is exported, what its members are called, where they stand."""

from __future__ import annotations

import pytest

from nrguard.settingsjs.document import first_error, nodes_of, offset, parse, place


def names(text: str) -> list[str | None]:
    return [member.name for member in parse(text.encode()).members]


def exported(text: str) -> str | None:
    document = parse(text.encode())
    return document.object.of(document.source).decode() if document.object else None


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("module.exports = {a: 1}", "{a: 1}"),
        ("module['exports'] = {a: 1};", "{a: 1}"),
        ("module . exports = {a: 1};", "{a: 1}"),
        ("var s = module.exports = {a: 1};", "{a: 1}"),
        ("exports = module.exports = ({a: 1});", "{a: 1}"),
        ("module.exports = exports = {a: 1};", "{a: 1}"),
        ("const s = {a: 1};\nmodule.exports = s;", "{a: 1}"),
        ("let s;\ns = {a: 1};\nmodule.exports = s;", "{a: 1}"),
        ("const t = 1, s = (({a: 1}));\nmodule.exports = s;", "{a: 1}"),
        ("module.exports = {old: 1}; module.exports = {a: 1};", "{a: 1}"),
        ("module.exports = /* here */ ( /* and here */ {a: 1});", "{a: 1}"),
        ("module.exports = {a: 1}; module.exports.b = 2;", "{a: 1}"),
        ("const s = {a: 1}; s.b = 2; module.exports = s;", "{a: 1}"),
    ],
)
def test_one_literal_that_is_plainly_exported_is_found(text: str, literal: str) -> None:
    assert exported(text) == literal


@pytest.mark.parametrize(
    "text",
    [
        "",
        "// module.exports = {a: 1}",
        "exports = {a: 1};",
        "module.export = {a: 1};",
        "exports.a = 1;",
        "module.exports = make({a: 1});",
        "module.exports = x ? {a: 1} : {};",
        "module.exports = {a: 1}; if (x) { module.exports = {}; }",
        "module.exports = {a: 1}; function f() { module.exports = {}; }",
        "module.exports = {a: 1}; module.exports = null;",
        "var s = {a: 1}; s = {b: 1}; module.exports = s;",
        "var s = {a: 1}; if (x) s = {}; module.exports = s;",
        "var s = {a: 1}; var s = {b: 1}; module.exports = s;",
        "module.exports = s; var s = {a: 1};",
        "module.exports = require('./other');",
        "const {s} = {a: 1}; module.exports = s;",
        "uiPort: 1880\nadminAuth: null\n",
    ],
)
def test_anything_less_plain_has_no_object(text: str) -> None:
    assert exported(text) is None


def test_names_are_what_the_keys_say() -> None:
    text = r"""module.exports = { plain: 1, 'quoted': 2, "double": 3,
        'esc\x61ped': 4, \u0061dmin: 5, ['com' + `puted`]: 6,
        [("in") + 'side']: 7, 0x10: 8, 1e3: 9, 1_000n: 10, 'a\
b': 11, '\u{1f600}': 12, '\ud83d\ude00': 13, short, method() {}, get got() {}, set put(v) {}, async *many() {},
        get: 14, async: 15, [x]: 16, [`${x}`]: 17, [1 + 'a']: 18, ...spread }"""
    assert names(text) == [
        "plain", "quoted", "double", "escaped", "admin", "computed", "inside", "16", "1000", "1000", "ab",
        "😀", "😀", "short", "method", "got", "put", "many", "get", "async", None, None, None, None,
    ]  # fmt: skip


def test_members_have_their_kinds_spans_and_values() -> None:
    document = parse(b"module.exports = {a: 1, b, c() {}, get d() { return 1 }, set e(v) {}, ...f}")
    assert [member.kind for member in document.members] == [
        "pair", "shorthand", "method", "getter", "setter", "spread",
    ]  # fmt: skip
    first = document.members[0]
    assert first.span.of(document.source) == b"a: 1"
    assert first.value is not None
    assert first.value.of(document.source) == b"1"
    assert [member.value for member in document.members[1:]] == [None] * 5


def test_lines_and_columns_count_characters_from_one() -> None:
    document = parse("\ufeffmodule.exports = { ä: 1, b: 2,\r\n\t'ü': 'é', c: 3 }".encode())
    assert [(member.line, member.column) for member in document.members] == [(1, 20), (1, 26), (2, 2), (2, 12)]
    assert [place(document.source, member.span.start) for member in document.members] == [
        (member.line, member.column) for member in document.members
    ]
    assert [offset(document.source, member.line, member.column) for member in document.members] == [
        member.span.start for member in document.members
    ]


def test_comments_are_listed_in_their_order() -> None:
    text = b"// one\nmodule.exports = { /* two */ a: '// none', // three\n b: [/* four */] } // five\n"
    document = parse(text)
    assert [span.of(text) for span in document.comments] == [
        b"// one", b"/* two */", b"// three", b"/* four */", b"// five",
    ]  # fmt: skip


def test_aliases_are_the_names_of_the_exported_object() -> None:
    assert parse(b"var s = module.exports = {}").aliases == {"s"}
    assert parse(b"const s = {}; module.exports = s").aliases == {"s"}
    assert parse(b"module.exports = {}").aliases == frozenset()


def test_the_first_thing_that_does_not_parse_is_told() -> None:
    assert first_error(parse(b"module.exports = {\n  a: 1,\n  b: }\n")) is not None
    assert first_error(parse(b"module.exports = {a: 1}")) is None


def deep(opening: bytes, closing: bytes) -> bytes:
    return b"module.exports = {a: " + opening * 20_000 + b"1" + closing * 20_000 + b"}"


@pytest.mark.parametrize(
    "text",
    [
        deep(b"[", b"]"),
        deep(b"(", b")"),
        deep(b"{a:", b"}"),
        deep(b"!", b""),
        deep(b"f(", b")"),
        deep(b"'a'+", b""),
        deep(b"x?", b":2"),
        deep(b"`${", b"}`"),
        b"a=" * 20_000 + b"module.exports = {a: 1}",
        b"module.exports = {['a'" + b"+'b'" * 20_000 + b"]: 1}",
        b"{" * 20_000,
        b"(" * 20_000,
    ],
    ids=lambda text: repr(text[15:30]),
)
def test_hostile_nesting_is_read_without_recursion(text: bytes) -> None:
    document = parse(text)
    assert document.source == text
    assert sum(1 for _ in nodes_of(document)) >= 1
