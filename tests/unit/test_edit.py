"""Set, replace or remove one setting: where it goes, how it is written, and when it is refused."""

from __future__ import annotations

import pytest

from nrguard.model import Proposal, Refusal
from nrguard.settingsjs.edit import change
from tests.edits import untouched

LOGIN = """{
    type: "credentials",
    users: [{
        username: "keeper",
        password: "$2b$12$KIXQ4S3nq0bqXW0l9n3gOeIAYs0dJ3bHnS3yq8y0vQkWc0m8Wb2fK"
    }]
}"""


def changed(source: str, **wanted: str | None) -> str:
    proposal = change(source.encode(), wanted)
    assert isinstance(proposal, Proposal), proposal
    return proposal.text.decode()


def refusal(source: str, **wanted: str | None) -> Refusal:
    outcome = change(source.encode(), wanted)
    assert isinstance(outcome, Refusal), outcome
    return outcome


def test_a_live_value_is_replaced_in_place() -> None:
    before = "module.exports = {\n    uiPort: /* why */ process.env.PORT || 1880, // the port\n    a: 1\n}\n"
    assert changed(before, uiPort="28443") == before.replace("process.env.PORT || 1880", "28443")


def test_a_new_setting_goes_right_under_its_template() -> None:
    before = """module.exports = {
    /** Securing the editor: uncomment this */
    //adminAuth: {
    //    type: "credentials", // or "strategy }"
    //    // don't forget: a hash {
    //    users: [{ password: "}]" }]
    //},

    // another: thing
    a: 1
}
"""
    after = changed(before, requireHttps="true", adminAuth="{ users: [] }")
    assert after == before.replace("//},\n", "//},\n    adminAuth: { users: [] },\n").replace(
        "a: 1\n", "a: 1,\n    requireHttps: true\n"
    )


@pytest.mark.parametrize("template", ["//requireHttps: true,", "// requireHttps : true", "/* 'requireHttps': true */"])
def test_templates_are_known_however_they_are_commented(template: str) -> None:
    before = f"module.exports = {{\n    a: 1,\n    {template}\n    b: 2\n}}\n"
    assert changed(before, requireHttps="true") == before.replace(template, f"{template}\n    requireHttps: true,")


@pytest.mark.parametrize(
    "comment",
    [
        "    logging: {\n        // requireHttps: true\n    },",
        "    // notrequireHttps: 1,",
        "    a: 1, // requireHttps: no",
    ],
)
def test_what_only_looks_like_a_template_is_none(comment: str) -> None:
    before = f"module.exports = {{\n{comment}\n    b: 2\n}}\n"
    assert changed(before, requireHttps="true") == before.replace("b: 2\n", "b: 2,\n    requireHttps: true\n")


def test_a_live_setting_beside_its_template_is_the_one_that_changes() -> None:
    before = "module.exports = {\n    //uiPort: 1,\n    uiPort: 2,\n    // uiPort: 3\n};\n"
    assert changed(before, uiPort="4") == before.replace("2", "4")


def test_the_comma_goes_behind_the_value_not_behind_the_comment() -> None:
    before = "module.exports = {\n    a: 1 // the last\n    // one\n};\n"
    assert changed(before, uiPort="1") == "module.exports = {\n    a: 1, // the last\n    uiPort: 1\n    // one\n};\n"


def test_values_take_the_indentation_and_line_ends_of_the_file() -> None:
    before = 'module.exports = {\r\n\tuiPort: 1880,\r\n\ta: "b"\r\n};\r\n'
    assert changed(before, adminAuth="{\n  a: [{\n    b: 1\n  }]\n}") == before.replace(
        '"b"', '"b",\r\n\tadminAuth: {\r\n\t\ta: [{\r\n\t\t\tb: 1\r\n\t\t}]\r\n\t}'
    )


def test_text_inside_templates_and_comments_of_a_value_is_left_alone() -> None:
    value = "function() {\n    /* one\n  two */\n    return `x\n y`\n}"
    after = changed("module.exports = {\n  a: 1\n}\n", other=value)
    assert "/* one\n  two */" in after
    assert "`x\n y`" in after
    assert "\n    return" in after


def test_a_file_of_one_kind_of_quotes_keeps_it() -> None:
    assert "type: 'credentials'" in changed("module.exports = {\n    a: 'b'\n}\n", adminAuth=LOGIN)
    assert 'type: "credentials"' in changed("module.exports = {\n    a: 'b', c: \"d\"\n}\n", adminAuth=LOGIN)
    assert 'say: "it\'s"' in changed("module.exports = {\n    a: 'b'\n}\n", x='{ say: "it\'s" }')


def test_a_json_style_file_keeps_its_quoted_keys() -> None:
    after = changed('module.exports = {\n  "uiPort": 1880,\n  "a": true\n}\n', adminAuth=LOGIN)
    assert '"adminAuth": {\n    "type": "credentials",\n    "users": [{' in after


def test_a_minified_file_stays_on_its_line() -> None:
    before = "module.exports={uiPort:1880,a:'b'};"
    assert changed(before, requireHttps="true", adminAuth="{\n    users: []\n}") == (
        "module.exports={uiPort:1880,a:'b',requireHttps:true,adminAuth:{users: []}};"
    )


def test_code_is_not_joined_into_one_line() -> None:
    after = changed("module.exports={a:1};", b="function() {\n    x() // y\n    return 1\n}")
    assert "x() // y\n" in after


def test_of_duplicate_keys_the_last_one_is_changed() -> None:
    before = "module.exports = {\n    uiPort: 1,\n    'uiPort': 2,\n    a: 1\n};\n"
    assert changed(before, uiPort="3") == before.replace("2", "3")


def test_all_duplicates_are_removed() -> None:
    before = "module.exports = {\n    uiPort: 1,\n    a: 1,\n    ['ui' + 'Port']: 2\n};\n"
    assert changed(before, uiPort=None) == "module.exports = {\n    a: 1\n};\n"


def test_neighbouring_duplicates_are_removed() -> None:
    assert changed("module.exports={a:1,uiPort:1,uiPort:2};", uiPort=None) == "module.exports={a:1};"
    assert (
        changed("module.exports = {\n  uiPort: 1,\n  uiPort: 2,\n  a: 1\n}", uiPort=None)
        == "module.exports = {\n  a: 1\n}"
    )


def test_too_many_duplicates_are_refused() -> None:
    assert "20 times" in refusal(f"module.exports={{{'uiPort:1,' * 20}}};", uiPort=None).why


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{\n    a: 1,\n    uiPort: 2,\n    b: 3\n}", "{\n    a: 1,\n    b: 3\n}"),
        ("{\n    a: 1,\n    uiPort: 2\n}", "{\n    a: 1\n}"),
        ("{\n    a: 1,\n    uiPort: 2,\n}", "{\n    a: 1,\n}"),
        ("{\n    uiPort: 2,\n    a: 1\n}", "{\n    a: 1\n}"),
        ("{\n    uiPort: 2\n}", "{\n}"),
        ("{a:1,uiPort:2,b:3}", "{a:1,b:3}"),
        ("{a:1,uiPort:2}", "{a:1}"),
        ("{uiPort:2,a:1}", "{a:1}"),
        ("{ a: 1, uiPort: 2 }", "{ a: 1 }"),
        ("{ uiPort: 2, a: 1 }", "{ a: 1 }"),
        ("{\n    a: 1\n  , uiPort: 2\n  , b: 3\n}", "{\n    a: 1\n  , b: 3\n}"),
        ("{\n    a: 1\n  , uiPort: 2\n}", "{\n    a: 1\n}"),
        ("{\n    a: 1, // a\n    uiPort: 2, // port\n    b: 3\n}", "{\n    a: 1, // a\n     // port\n    b: 3\n}"),
        ("{\n    a: 1, // a\n    uiPort: 2 // port\n}", "{\n    a: 1 // a\n     // port\n}"),
        (
            "{\n    a: 1,\n    uiPort: 2 /* x */, /* y */\n    b: 3\n}",
            "{\n    a: 1,\n     /* x */ /* y */\n    b: 3\n}",
        ),
        ("{\n    a: 1,\n\n    uiPort: {\n        x: 1\n    },\n\n    b: 3\n}", "{\n    a: 1,\n\n\n    b: 3\n}"),
    ],
)
def test_a_removal_takes_its_comma_and_its_lines_and_no_comment(before: str, after: str) -> None:
    assert changed(f"module.exports = {before};\n", uiPort=None) == f"module.exports = {after};\n"


def test_removing_what_is_not_there_changes_nothing() -> None:
    proposal = change(b"module.exports = { a: 1 };\n", {"uiPort": None})
    assert proposal == Proposal(b"module.exports = { a: 1 };\n", ())


def test_several_settings_are_one_proposal() -> None:
    source = b"module.exports = {\n    uiPort: 1880,\n    uiHost: '::',\n    a: 1\n}\n"
    proposal = change(source, {"uiPort": "2", "uiHost": None, "requireHttps": "true", "adminAuth": LOGIN})
    assert isinstance(proposal, Proposal)
    assert list(proposal.edits) == sorted(proposal.edits, key=lambda edit: edit.span.start)
    assert untouched(source, proposal) == b"module.exports = {\n    uiPort: ,\n    a: 1\n}\n"


@pytest.mark.parametrize(
    ("source", "why", "line"),
    [
        ("module.exports = {\n    uiPort: 1,\n    ...require('./more')\n};\n", "a later spread", 3),
        ("module.exports = {\n    uiPort: 1\n};\nmodule.exports.uiPort = 2;\n", "a later assignment", 4),
        ("module.exports = {\n    uiPort: 1\n};\nmodule.exports['uiPort'] = 2;\n", "a later assignment", 4),
        ("module.exports = {\n    uiPort: 1\n};\ndelete module.exports.uiPort;\n", "a later delete", 4),
        ("const s = {\n    uiPort: 1\n};\ns.uiPort = 2;\nmodule.exports = s;\n", "a later assignment", 4),
        ("var s = module.exports = {};\nif (process.env.X) {\n    s.uiPort = 3;\n}\n", "a branch", 3),
        ("module.exports = {};\nObject.assign(module.exports, require('./more'));\n", "a later call", 2),
        ("module.exports = {};\nmodule.exports[process.env.X] = 1;\n", "a later assignment", 2),
    ],
)
def test_what_could_override_the_setting_is_refused_with_its_line(source: str, why: str, line: int) -> None:
    refused = refusal(source, uiPort="28443")
    assert refused.why.startswith(why)
    assert refused.line == line


@pytest.mark.parametrize(
    "source",
    ["", "exports.uiPort = 1;\n", "module.exports = require('./x');\n", "module.exports = a ? {} : {b: 1};\n"],
)
def test_a_file_that_exports_no_plain_literal_is_refused(source: str) -> None:
    assert "object literal" in refusal(source, uiPort="1").why


def test_a_file_that_does_not_parse_is_refused_with_its_line() -> None:
    assert refusal("module.exports = {\n    a: 1\n    b: 2\n};\n", uiPort="1").line == 3


@pytest.mark.parametrize("value", ["", "1, evil: 2", "1 // x", "{", "1 }; x = {"])
def test_a_value_that_is_no_expression_is_refused(value: str) -> None:
    refusal("module.exports = {\n    a: 1\n};\n", uiPort=value)
