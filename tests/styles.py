"""Ways in which people write a settings.js, each a file of its own: one of everything that field-facts.md counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping


def _text(*lines: str) -> str:
    return "\n".join(lines) + "\n"


def _members(*lines: str) -> str:
    return _text("module.exports = {", *(f"    {line}" for line in lines), "};")


_PLAIN = _members("uiPort: 1880,", 'logging: { console: { level: "info" } },', "debugMaxLength: 1000,")


def _spaces() -> Iterator[tuple[str, str]]:
    yield "four spaces", _PLAIN
    yield "two spaces", _PLAIN.replace("    ", "  ")
    yield "three spaces", _PLAIN.replace("    ", "   ")
    yield "eight spaces", _PLAIN.replace("    ", "        ")
    yield "tabs", _PLAIN.replace("    ", "\t")
    yield "no indentation", _PLAIN.replace("    ", "")
    yield "mixed indentation", _text("module.exports = {", "    uiPort: 1880,", "\ta: 1,", "    b: 2,", "  c: 3", "}")
    yield "indented as a whole", _text("  module.exports = {", "      uiPort: 1880,", "      a: 1,", "  };")
    yield "blank lines between", _members("", "uiPort: 1880,", "", "a: 1,", "")
    yield "spaces before colons", _members("uiPort : 1880,", "a : 1,", "b : 2")
    yield "no space after colons", _members("uiPort:1880,", "a:1,", "b:2")


def _ends() -> Iterator[tuple[str, str]]:
    yield "windows line ends", _PLAIN.replace("\n", "\r\n")
    yield "mixed line ends", _PLAIN.replace(",\n", ",\r\n")
    yield "no final newline", _PLAIN.rstrip()
    yield "no semicolon", _PLAIN.replace(";", "")
    yield "byte order mark", "\ufeff" + _PLAIN
    yield "hashbang", "#!/usr/bin/env node\n" + _PLAIN
    yield "strict", "'use strict';\n" + _PLAIN
    yield "not ascii", _members("uiPort: 1880, // Küche 😀", "größe: 'ä' // Höhe")


def _commas() -> Iterator[tuple[str, str]]:
    yield "no trailing comma", _members("uiPort: 1880,", "a: 1")
    yield "comma first", _text("module.exports = {", "    uiPort: 1880", "  , a: 1", "  , b: 2", "};")
    yield "comma first at the margin", _text("module.exports =", "{ uiPort: 1880", ", a: 1", ", b: 2", "};")
    yield "comma on its own line", _members("uiPort: 1880", ",", "a: 1", ",", "b: 2")
    yield "comment before the comma", _members("uiPort: 1880,", "a: 1 /* one */ ,", "b: 2 // two", ", ")
    yield "comma in a comment", _members("uiPort: 1880,", "a: 1, // , {", "// done")


def _quotes() -> Iterator[tuple[str, str]]:
    yield "double quotes", _members('uiPort: "1880",', 'flowFile: "flows.json"')
    yield "single quotes", _members("uiPort: '1880',", "flowFile: 'flows.json',")
    yield "both quotes", _members('uiPort: "1880",', "flowFile: 'flows.json',")
    yield "json", _members('"uiPort": 1880,', '"logging": {', '    "console": { "level": "info" }', "}")
    yield "single quoted keys", _members("'uiPort': 1880,", "'flowFile': 'flows.json',")
    yield "some quoted keys", _members("uiPort: 1880,", "'flowFile': 'flows.json',", "a: 2,")


def _lines() -> Iterator[tuple[str, str]]:
    yield "one line", "module.exports = { uiPort: 1880, flowFile: 'flows.json' };\n"
    yield "one line with a trailing comma", "module.exports = { uiPort: 1880, flowFile: 'flows.json', };\n"
    yield "one line and a comment", "module.exports = { uiPort: 1880, a: 1 // done }\n};\n"
    yield "minified", "module.exports={uiPort:1880,flowFile:'flows.json',a:{b:[1,2]}};"
    yield "minified between code", "var a=1;module.exports={uiPort:1880,flowFile:'flows.json'};var b=2;"
    yield "two members a line", _members("uiPort: 1880, flowFile: 'f',", "a: 1, b: 2,", "c: 3, d: 4")
    yield "brace on its own line", _text("module.exports =", "{", "    uiPort: 1880,", "    a: 1", "};")
    yield "closing brace behind", "module.exports = {\n    uiPort: 1880,\n    a: 1 };\n"
    yield "empty", "module.exports = {};\n"
    yield "empty over two lines", _members()
    yield "empty but for a comment", _members("// nothing yet")
    yield "a single member", _members("uiPort: 1880")


def _exports() -> Iterator[tuple[str, str]]:
    yield "named", "var settings = " + _PLAIN
    yield "exported by name", _PLAIN.replace("module.exports", "const settings") + "\nmodule.exports = settings;\n"
    yield "in parentheses", _PLAIN.replace("= {", "= ({").replace("};", "});")
    yield "exports too", "exports = " + _PLAIN
    yield "by its quoted name", _PLAIN.replace(".exports", "['exports']")
    yield "methods and accessors", _members("uiPort: 1880,", "a() { return 1 },", "get b() { return 2 }")
    yield "known spread first", "const base = { a: 1 };\n" + _members("...base,", "uiPort: 1880")


def _comments() -> Iterator[tuple[str, str]]:
    yield "comment behind the last", _members("uiPort: 1880,", "a: 1 // the last one")
    yield "comments below the last", _members("uiPort: 1880,", "a: 1", "// b: 2", "/* c: 3 */")
    yield "comments at the braces", "module.exports = { /* here */\n    uiPort: 1880,\n    a: 1\n/* there */ };\n"
    yield "template", _members("uiPort: 1880,", "//adminAuth: {", '//    type: "credentials"', "//},", "a: 1")
    yield "template first", _members("// adminAuth: {},", "//requireHttps : true,", "uiPort: 1880,")
    yield "template at the end", _members("uiPort: 1880,", "a: 1", "//adminAuth: {},", "// requireHttps: true,")
    yield "template as a block", _members("uiPort: 1880,", "/* adminAuth: {", "}, */", "a: 1")
    yield "two templates", _members("//adminAuth: {},", "uiPort: 1880,", "//adminAuth: { users: [] },")
    yield "template in prose", _members("/** Set this:", " *  adminAuth: {}", " */", "uiPort: 1880,", "a: 1")


STYLES: Mapping[str, bytes] = {
    name.replace(" ", "-"): text.encode()
    for group in (_spaces, _ends, _commas, _quotes, _lines, _exports, _comments)
    for name, text in group()
}
