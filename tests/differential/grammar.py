# ruff: noqa: E501 - each entry is one line of somebody's file
"""Settings files made at random: every construct that real ones use, and many that only an attacker would.

A template holds marks that are filled in from the inside out: <v> a value, <o> an object literal, <l> a literal, <t> a
target of an assignment, <s> a statement, <k> a setting's name, <f> a function, <n> a new name (one for each template).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

PROTECTED = ("adminAuth", "httpNodeAuth", "httpStaticAuth", "https", "requireHttps", "uiPort", "uiHost")
OTHERS = ("httpStatic", "httpAdminRoot", "disableEditor", "credentialSecret", "logging", "ui", "flowFile", "nodesDir")
VARIABLES = ("PORT", "HOST", "AUTH", "DEBUG")
TEXTS = ("", "1880", "8443", "127.0.0.1", "true", "x", "0")
HASH = "$2b$08$Wz0F7x5mVtZ3bKcRk1n8ZOe7m8Q0lN4o8b1x1J8m3pT0y0m6QmA2"

LITERALS = (
    "0", "1", "1880", "0x10", "1e3", ".5", "-1", "true", "false", "null", "undefined", "''", "'x'", '"127.0.0.1"', "`t`",
    "'\\x41\\u0042\\n'", "NaN", "1_000", "'1880'", "[]", "({})", "'\U0001f600'", "'0'", "'true'", "08.5", "0b11", "'a\\\nb'",
)  # fmt: skip
STATEMENTS = (
    "<t> = <v>;", "<t> += <v>;", "<t> ||= <v>;", "<t> &&= <v>;", "<t> ??= <v>;", "<t> -= <v>;", "delete <t>;",
    "if (<v>) <s>", "if (<v>) { <s> } else { <s> }", "for (var <n> of [<v>, <v>]) { <s> <t> = <n>; }",
    "for (let <n> = 0; <n> < 3; <n>++) { <s> }", "for (const <n> in <o>) { <t> = <n>; }",
    "try { <s> throw 1; } catch (e) { <s> }", "try { <s> null.x; <s> } catch { <s> }", "try { <s> } finally { <s> }",
    "try { <n>.x; } catch (e) { <s> }", "switch (<v>) { case <l>: <s> break; default: <t> = 1 }",
    "switch (<v>) { default: <s> case <l>: <s> }", "(function (<n>) { <s> return <n>; })(<v>);", "(() => { <s> })();",
    "Object.assign(<w>, <o>);", "<n>: { <s> break <n>; }", "do { <s> } while (0)", "({ x: <t> = <l> } = <o>);",
    "[<t>, <t>] = [<v>, <v>];", "[<v>].forEach(function (<n>, i) { <t> = <n>; });", "<t>++;", "--<t>;", "void <v>;",
    "{ function <n>() { <s> } <n>(); }", "<n>: for (;;) { <s> for (;;) break <n>; }", "while (<v>) { <s> break }",
    "Object.defineProperty(<w>, '<k>', { value: <v> });", "Object.defineProperty(<w>, '<k>', { get() { return <v> } });",
    "Object.freeze(<w>);", "if (<v>) { throw new Error('x') }", "(function () { this.<k> = <v> }).call(<w>);",
    "var { <k>: <n> = <v> } = <w>; <t> = <n>;", "Object.keys({ get a() { <s> } });", "for (var <n> in { get a() { <s> } }) <t> = <n>;",
    "[<v>, , <v>].forEach(() => { <s> });", "var <n> = [1, 2]; for (var <n>x of <n>) { if (<n>.length < 4) <n>.push(3); <t> = <n>x; }",
    "var <n> = [1, 2, 3]; <n>.forEach(x => { <n>.pop(); <t> = x; });", "var <n> = <w>; ({ x: <n>.<k> = (<n> = {}, <v>) } = <o>);",
    "var <n> = 0; [<w>, {}][<n>++].<k> += <v>;", "var <n> = 0; [<w>, {}][<n>++].<k> &&= <v>;", "var <n> = 0; [{}, <w>][<n>++].<k>++;",
    "var <n> = { a: 1, b: 2, c: 3 }; for (var <n>k in <n>) { delete <n>.b; <t> = <n>k; }",
    "var <n> = []; for (let i = 0; i < 2; i++) <n>.push(() => i); <t> = <n>[0]();", "var <n> = <w>; [<n>.<k>, <n>] = [<v>, {}];",
    "try { throw <v> } catch (<n>) { var <n> = 1; <t> = <n>; } <t> = <n>;", "{ function <n>() { return <l> } } <t> = <n>();",
    "var <n> = { set x(v) { <t> = v } }; <n>.x = <v>;", "var <n> = Object.create(<w>); <n>.<k> = <v>; <t> = <n>.<k>;",
    "<n>: for (var <n>a of [1, 2]) { for (;;) { <t> = <n>a; continue <n>; } }", "(function <n>(p) { if (p) return <n>(p - 1); <s> })(2);", "const { <k>: <n>, ...r<n> } = <o>; <t> = r<n>;", "<t> = <t> = <v>;",
)  # fmt: skip
VALUES = (
    "(<v> || <v>)", "(<v> && <v>)", "(<v> ?? <v>)", "(<v> ? <v> : <v>)", "((<v>) <b> (<v>))", "!<v>", "(-<v>)", "(+<v>)",
    "(~<v>)", "typeof <v>", "void <v>", "`${<v>}-x`", "[<v>, <v>]", "[...[<v>], <v>]", "(<o>).<k>", "(<o>)['<k>']",
    "(<o>)?.<k>", "(<v>)?.<k>", "[<v>, <v>][1]", "[<v>][3]", "<f>(<v>, <v>)", "((p, q = <v>) => (<v>))(<v>)",
    "(function () { return <v> })()", "[<v>, <v>].concat([<v>])", "[<v>, <v>].map(v => (<v>))",
    "[<v>, <v>].filter(v => v).length", "[<v>, <v>].filter(Boolean)", "[<v>, <v>].map(String)", "[<l>, <l>].map(Number)", "[<v>, <v>].join('-')", "'a-b-c'.split('-')[2]", "String(<v>).toUpperCase()",
    "('' + <v>).slice(1)", "String(<v>).includes('x')", "parseInt(<v>, 10)", "Number(<v>)", "Boolean(<v>)",
    "parseFloat(<v>)", "isNaN(<v>)", "Object.keys(<o>).length", "Object.keys(<o>).join()",
    "Object.assign({}, <o>, <o>)", "Object.fromEntries([['<k>', <v>]])", "Object.entries(<o>).length",
    "JSON.parse('{\"<k>\": [1, null, \"x\"]}').<k>", "(<v>, <v>)", "({ ...<v> })", "Math.max(<v>, <v>)",
    "Array.isArray(<v>)", "('<k>' in <o>)", "(<o>).hasOwnProperty('<k>')", "[<v>, <v>].indexOf(<v>)",
    "[<v>].reduce((s, v) => s + v, 0)", "Object.freeze(<o>)", "[<v>, <v>].some(v => v)",
    "require('path').join('/a', '../b', 'c')", "(<t> = <v>)", "(<t>)", "[<v>].find(v => v)", "'abc'.length", "'abc'[1]",
    "[<v>, <v>].slice(-1)", "new Error('x').nope", "(class { x = 1 }).nope", "(() => (<v>))()", "process.env.<e>",
    "process.env?.<e>", "process.env['<e>']", "('<e>' in process.env)", "Object.values(<o>)[0]", "Math.floor(<v>)",
    "String(<v>).trim()", "(<v>).toString", "JSON.stringify(<l>)", "(x => x)(<v>)", "(([x = <v>]) => x)([<v>])",
    "(({ <k>: x = <v> }) => x)(<o>)", "((...r) => r.length)(<v>, <v>)", "(<v>) instanceof Object",
)  # fmt: skip
OPERATORS = (
    "+", "-", "*", "/", "%", "===", "!==", "==", "!=", "<", ">", "<=", ">=", "&", "|", "^", "<<", ">>", ">>>", "**",
)  # fmt: skip
DECLARATIONS = (
    "function <n>(p, q = <l>) { return <v>; }", "function <n>(p) { if (p) return <v>; <s> return p; }",
    "<d> <n> = (p, q) => (<v>);", "<d> <n> = function <n>f(p) { <s> return <v> };",
)  # fmt: skip
SPREADS = ("<o>", "(<v> ? <o> : {})", "(<v> && <o>)", "null", "undefined", "[<l>]", "<w>", "(<v>)", "'ab'")
_MARK = re.compile(r"<([a-z])>")


class Maker:
    """Makes one file. What is declared so far is remembered, so that most names stand for something."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.names: list[str] = []  # of variables
        self.objects: list[str] = []  # of variables that hold an object
        self.functions: list[str] = ["String"]
        self.count = 0
        self.room = 150  # marks that are still filled in with more than a literal

    def file(self) -> str:
        """Return the source of a whole file."""
        lines = ["'use strict';"] if self.chance(0.1) else []
        lines += [self.declaration() for _ in range(self.random.randrange(5))]
        lines.append(self.exported())
        lines += [self.fill(self.pick(STATEMENTS), 2) for _ in range(self.random.randrange(5))]
        return self.pick(("\n", "\n", "\n", "\r\n")).join(lines) + self.pick(("\n", ""))

    def environment(self) -> dict[str, str]:
        """Return the environment that the file is loaded in."""
        return {name: self.pick(TEXTS) for name in VARIABLES if self.chance(0.5)}

    def chance(self, likely: float) -> bool:
        return self.random.random() < likely

    def pick(self, among: Sequence[str]) -> str:
        return self.random.choice(among)

    def fresh(self) -> str:
        self.count += 1
        return f"{self.pick(('a', 'b', '$', '_x', 'é'))}{self.count}"

    def fill(self, template: str, depth: int) -> str:
        """Return `template` with every mark filled in, nested at most `depth` deep."""
        name = self.fresh() if "<n>" in template else ""

        def one(mark: re.Match[str]) -> str:
            return name if mark[1] == "n" else self.part(mark[1], depth - 1)

        return _MARK.sub(one, template)

    def part(self, mark: str, depth: int) -> str:
        self.room -= 1
        match mark:
            case "v":
                return self.value(depth)
            case "o":
                return self.object(depth)
            case "s":
                return (
                    self.fill(self.pick(STATEMENTS), depth)
                    if depth > 0 and self.room > 0
                    else "<t> = <l>;".replace("<t>", self.target()).replace("<l>", self.pick(LITERALS))
                )
            case "t":
                return self.target()
            case "w":
                return self.pick(["module.exports", "module.exports", "exports", *self.objects])
            case "f":
                return self.pick(self.functions)
            case "k":
                return self.pick((*PROTECTED, *OTHERS, "x", "length"))
        return self.pick({"l": LITERALS, "b": OPERATORS, "e": VARIABLES, "d": ("var", "let", "const")}[mark])

    def value(self, depth: int) -> str:
        roll = self.random.random()
        if depth <= 0 or self.room <= 0 or roll < 0.25:
            return self.pick(LITERALS)
        if roll < 0.4 and (self.names or self.objects):
            return self.pick([*self.names, *self.objects])
        return self.fill(self.pick(VALUES), depth)

    def target(self) -> str:
        name = self.pick((*PROTECTED, *OTHERS, "x", "y"))
        owner = self.pick(["module.exports", "module.exports", "exports", *self.objects])
        if self.names and self.chance(0.15):
            return self.pick(self.names)
        return owner + self.pick((f".{name}", f".{name}", f"['{name}']", f"[`{name[:2]}` + '{name[2:]}']"))

    # --- declarations and the exported object

    def declaration(self) -> str:
        name = self.fresh()
        end = self.pick((";", ";", "", " // done", "; /* x */"))
        form = self.random.randrange(8)
        if form < 2:
            text = self.fill(self.pick(DECLARATIONS).replace("<n>", name), 2)
            self.functions.append(name)
        elif form == 2:
            text = self.fill(f"<d> {name} = <o>{end}", 3)
            self.objects.append(name)
        elif form == 3:
            text = self.fill(f"<d> {{ <e>: {name} = <l>, ...{name}r }} = <o>;", 2)
            self.names += [name, f"{name}r"]
        elif form == 4:
            text = self.fill(f"<d> [{name}, {name}b = <l>] = [<v>, <v>];", 2)
            self.names += [name, f"{name}b"]
        else:
            text = self.fill(f"<d> {name} = <v>{end}", 4)
            self.names.append(name)
        return text

    def exported(self) -> str:
        whole = self.object(4, wide=True)
        name = self.fresh()
        form = self.random.randrange(7)
        if form == 0:
            self.objects.append(name)
            return f"var {name} = module.exports = {whole};"
        if form == 1:
            self.objects.append(name)
            return f"const {name} = {whole};\nmodule.exports = {name}"
        if form == 2:
            return f"module['exports'] = Object.assign({{}}, {whole}, {self.object(2)});"
        if form == 3:
            return f"exports = module.exports = {whole}; // x"
        return f"module.exports = {whole}"

    def object(self, depth: int, *, wide: bool = False) -> str:
        """Return an object literal with a few members."""
        members = [self.member(depth) for _ in range(self.random.randrange(9 if wide else 3))] if depth > 0 else []
        if not members:
            return "{}"
        return "{ " + self.pick((", ", ",\n    ")).join(members) + self.pick((" }", ", }", " /* , x: 1 */ }"))

    def member(self, depth: int) -> str:
        name = self.pick((*PROTECTED, *PROTECTED, *OTHERS, "x", "y", *VARIABLES))
        value = self.usual(name) if self.chance(0.3) else self.value(depth - 1)
        first = ord(name[0])
        key = self.pick((
            name, name, name, f"'{name}'", f'"{name}"', f"['{name}']", f"[`{name[:3]}` + '{name[3:]}']",
            f"\\u{first:04x}{name[1:]}", f"'\\x{first:02x}{name[1:]}'", f"\\u{{{first:x}}}{name[1:]}",
        ))  # fmt: skip
        rare = self.random.randrange(25)
        if rare == 0:
            return f"get {key}() {{ return {value} }}"
        if rare == 1:
            return f"{key}() {{ return {value} }}"
        if rare in (2, 3):
            return "..." + self.fill(self.pick(SPREADS), depth - 1)
        if rare == 4:
            return self.pick((f"__proto__: {self.object(depth - 1)}", "['__proto__']: 1", "__proto__: null"))
        if rare == 5 and self.names:
            return self.pick(self.names)
        if rare == 6:
            return f"{self.random.randrange(5)}: {value}"
        return f"{key}: {value}"

    def usual(self, name: str) -> str:
        """Return a value of the kind that the setting `name` really has."""
        password = self.pick((f"'{HASH}a'", f'"{HASH}b"', "'5f4dcc3b5aa765d61d8327deb882cf99'", "process.env.AUTH"))
        if name == "adminAuth":
            more = self.pick(("", "", ", default: { permissions: 'read' }", ", sessionExpiryTime: 60"))
            return f"{{ type: 'credentials', users: [{{ username: 'admin', password: {password}, permissions: '*' }}]{more} }}"
        if name in ("httpNodeAuth", "httpStaticAuth"):
            return f"{{ user: 'u', pass: {password} }}"
        if name == "https":
            return (
                "{ key: require('fs').readFileSync('k.pem'), cert: require('fs').readFileSync(__dirname + '/c.pem') }"
            )
        return "process.env.PORT || 1880" if name == "uiPort" else self.pick(LITERALS)


def tampered(random: Random, good: str) -> str:
    """Return the file `good` with one to three statements put before, into or after it."""
    maker = Maker(random)
    maker.objects.append("module.exports")
    for _ in range(random.randrange(1, 4)):
        if maker.chance(0.2):
            good = maker.declaration() + "\n" + good
        elif maker.chance(0.3):
            end = good.rindex("logging:")
            good = f"{good[:end]}{maker.member(3)}, {good[end:]}"
        else:
            good += maker.fill(maker.pick(STATEMENTS), 3) + "\n"
    return good
