"""What befalls a settings.js: attacks on a setting, and the owner's harmless edits. Works on lines, parses nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping

NULLED: Mapping[str, str] = {
    "adminAuth": "null",
    "httpNodeAuth": "undefined",
    "httpStaticAuth": "false",
    "https": "null",
    "requireHttps": "false",
    "uiPort": "1880",
    "uiHost": '"0.0.0.0"',
}
OWN: Mapping[str, str] = {
    "adminAuth": """{
        type: "credentials", // mine now
        users: [ { username: "eve", permissions: "*",
            password: "$2b$12$eeeeeeeeeeeeeeeeeeeeeeuR1yq7cXvXq8gqk3nQH1q5ZC4OeeUuW" } ]
    }""",
    "httpNodeAuth": '{user:"eve",pass:"$2b$12$eeeeeeeeeeeeeeeeeeeeeeuR1yq7cXvXq8gqk3nQH1q5ZC4OeeUuW"}',
    "httpStaticAuth": "{user:'eve',pass:'$2b$12$eeeeeeeeeeeeeeeeeeeeeeuR1yq7cXvXq8gqk3nQH1q5ZC4OeeUuW'}",
    "https": '{ key: require("fs").readFileSync("/tmp/eve.key"), cert: require("fs").readFileSync("/tmp/eve.pem") }',
    "requireHttps": "0",
    "uiPort": "process.env.EVE || 4444",
    "uiHost": "'::'",
}

Lines = list[str]


def lines_of(text: bytes, name: str) -> tuple[Lines, Lines, Lines]:
    """Return the lines before, of and after the member `name`, which starts its line and ends with `,` at its depth."""
    lines = text.decode().splitlines(keepends=True)
    first = next(i for i, line in enumerate(lines) if line.startswith(f"    {name}:"))
    last = first
    if not lines[first].endswith(",\n"):
        last = lines.index("    },\n", first)
    return lines[:first], lines[first : last + 1], lines[last + 1 :]


def removed(member: Lines, name: str) -> Lines:
    return []


def commented_by_line(member: Lines, name: str) -> Lines:
    return [f"//{line}" for line in member]


def commented_by_line_indented(member: Lines, name: str) -> Lines:
    return [f"    // {line[4:]}" for line in member]


def commented_by_block(member: Lines, name: str) -> Lines:
    return ["    /*\n", *member, "    */\n"]


def weakened(member: Lines, name: str) -> Lines:
    return [f"    {name}: {NULLED[name]},\n"]


def replaced(member: Lines, name: str) -> Lines:
    return [f"    {name}: {OWN[name]},\n"]


def shadowed(member: Lines, name: str) -> Lines:
    return [*member, f"    {name}: {NULLED[name]},\n"]


ATTACKS: tuple[Callable[[Lines, str], Lines], ...] = (
    removed,
    commented_by_line,
    commented_by_line_indented,
    commented_by_block,
    weakened,
    replaced,
    shadowed,
)


def attacked(text: bytes, name: str, attack: Callable[[Lines, str], Lines]) -> bytes:
    """Return the text after `attack` on the setting `name`."""
    before, member, after = lines_of(text, name)
    return "".join([*before, *attack(member, name), *after]).encode()


def lived_in(text: bytes, name: str) -> bytes:
    """Return the text after owner's edits that touch no protected setting: values, settings, comments all around."""
    before, member, after = lines_of(text, name)
    note = ["    // remember: ask Anna before changing this {[(\n"]
    lived = "".join([*before, *note, *member, "    /* until here, 'quotes' included */\n", *after])
    lived = lived.replace("debugMaxLength: 1000", "debugMaxLength: 2500 /* more */", 1)
    lived = lived.replace("module.exports = {\n", "module.exports = {\n    ownersChoice: [1, 2, 'three'], // new\n", 1)
    return ("// adminAuth: none of your business\n" + lived).encode()
