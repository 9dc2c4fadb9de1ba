"""A lost setting comes back as it was accepted; what somebody else wrote stays, byte for byte."""

from __future__ import annotations

import pytest

from nrguard.baseline import proved
from nrguard.model import PROTECTABLE, Proposal, Refusal
from nrguard.settingsjs.restore import restore
from tests.edits import untouched

GOOD = """// Our house
const os = require("os");

module.exports = {
    flowFile: "flows.json",

    /** The login */
    //adminAuth: {
    //    type: "credentials"
    //},
    adminAuth: {
        type: "credentials",
        users: [{ username: "keeper", password: "$2b$12$KIXQ4S3nq0bqXW0l9n3gOeIAYs0dJ3bHnS3yq8y0vQkWc0m8Wb2fK" }]
    }, // keep this

    /* The port */
    uiPort: 28443,
    uiHost: "127.0.0.1",
    requireHttps: true,

    logging: { console: { level: "info" } }, // chatty
    debugMaxLength: 1000
};
"""
LOGIN = GOOD[GOOD.index("    adminAuth: {") : GOOD.index(", // keep this")]


def restored(present: str, good: str = GOOD) -> str:
    proposal = restore(present.encode(), good.encode(), PROTECTABLE)
    assert isinstance(proposal, Proposal), proposal
    assert proved(present.encode(), good.encode(), proposal)
    return proposal.text.decode()


def refusal(present: str, good: str = GOOD) -> Refusal:
    outcome = restore(present.encode(), good.encode(), PROTECTABLE)
    assert isinstance(outcome, Refusal), outcome
    return outcome


def test_nothing_lost_is_nothing_to_edit() -> None:
    assert restore(GOOD.encode(), GOOD.encode(), PROTECTABLE) == Proposal(GOOD.encode(), ())


@pytest.mark.parametrize(
    "lost",
    [
        LOGIN + ", // keep this\n",
        LOGIN + ",",
        "    uiPort: 28443,\n",
        '    uiPort: 28443,\n    uiHost: "127.0.0.1",\n    requireHttps: true,\n',
        '    uiHost: "127.0.0.1",\n',
        "\n    /* The port */\n    uiPort: 28443,\n",
    ],
)
def test_a_file_that_only_lost_lines_becomes_the_accepted_one(lost: str) -> None:
    assert restored(GOOD.replace(lost, "", 1)) == GOOD


def test_a_lost_last_member_comes_back_without_a_comma() -> None:
    good = 'module.exports = {\n    a: 1,\n    uiHost: "127.0.0.1"\n}\n'
    for present in ("module.exports = {\n    a: 1\n}\n", "module.exports = {\n    a: 1,\n}\n"):
        assert restored(present, good) == good


def test_owners_edits_and_comments_beside_it_stay() -> None:
    present = (
        GOOD.replace(LOGIN + ", // keep this\n", "    // Anna was here\n")
        .replace("1000", "2500 // more")
        .replace("    flowFile", "    mine: [1, 2], /* new */\n    flowFile")
    )
    after = restored(present)
    assert after == present.replace("    //},\n", f"    //}},\n{LOGIN},\n")


def test_a_member_commented_out_comes_back_and_the_comment_stays() -> None:
    commented = "".join(f"//{line}" for line in ('    uiHost: "127.0.0.1",\n', "    requireHttps: true,\n"))
    present = GOOD.replace('    uiHost: "127.0.0.1",\n    requireHttps: true,\n', commented)
    assert restored(present) == present.replace(
        commented,
        '//    uiHost: "127.0.0.1",\n    uiHost: "127.0.0.1",\n//    requireHttps: true,\n    requireHttps: true,\n',
    )


def test_a_member_in_a_block_comment_comes_back_and_the_comment_stays() -> None:
    present = GOOD.replace("    uiPort: 28443,\n", "    /* uiPort: 28443, */\n")
    assert restored(present) == present.replace("*/\n    uiHost", "*/\n    uiPort: 28443,\n    uiHost")


def test_without_a_template_it_goes_behind_its_old_neighbour() -> None:
    good = "module.exports = {\n    a: 1,\n    // of the house\n    uiPort: 28443,\n    b: 2,\n    c: 3\n}\n"
    moved = "module.exports = {\n    b: 2,\n    a: 1, // one\n    // two\n    c: 3\n}\n"
    assert restored(moved, good) == moved.replace("// one\n", "// one\n    uiPort: 28443,\n")
    annotated = "module.exports = {\n    a: 1,\n    // of the house\n    // two\n    b: 2,\n    c: 3\n}\n"
    assert restored(annotated, good) == annotated.replace("house\n", "house\n    uiPort: 28443,\n")


def test_without_neighbours_it_goes_behind_the_last_member() -> None:
    good = "module.exports = {\n    a: 1,\n    uiPort: 28443\n}\n"
    assert restored("module.exports = { x: 1, y: 2 };\n", good) == "module.exports = { x: 1, y: 2, uiPort: 28443 };\n"


def test_a_first_member_comes_back_first() -> None:
    good = "module.exports = {\n    uiPort: 28443,\n    a: 1\n}\n"
    assert restored("module.exports = {\n    // hello\n    a: 2\n}\n", good).startswith(
        "module.exports = {\n    uiPort: 28443,\n"
    )


def test_a_weakened_value_is_replaced_where_it_stands() -> None:
    present = GOOD.replace(LOGIN, "    'adminAuth': /* who */ null")
    assert restored(present) == present.replace("null", LOGIN.removeprefix("    adminAuth: "))


@pytest.mark.parametrize("member", ["get adminAuth() { return null }", "adminAuth() {}", "adminAuth"])
def test_a_member_of_another_kind_is_replaced_as_a_whole(member: str) -> None:
    assert restored(GOOD.replace(LOGIN, f"    {member}")) == GOOD


@pytest.mark.parametrize(
    "shadow", ["    adminAuth: null,\n", "    'adminAuth': null,\n", "    ['admin' + 'Auth']: null,\n"]
)
def test_a_later_key_that_shadows_it_is_taken_out(shadow: str) -> None:
    assert restored(GOOD.replace("    uiPort", f"{shadow}    uiPort")) == GOOD


def test_accepted_duplicates_come_back_pair_by_pair() -> None:
    good = "module.exports = {\n    uiPort: 1,\n    a: 1,\n    uiPort: 28443\n}\n"
    assert restored(good.replace("28443", "1880"), good) == good


def test_a_protected_setting_that_was_not_accepted_is_taken_out() -> None:
    good = GOOD.replace('    uiHost: "127.0.0.1",\n', "")
    assert restored(GOOD, good) == good


def test_an_edit_carries_sealed_bytes_and_white_space_only() -> None:
    present = GOOD.replace(LOGIN + ", // keep this\n", "").replace("28443", "1880").replace("1000", "2500")
    proposal = restore(present.encode(), GOOD.encode(), PROTECTABLE)
    assert isinstance(proposal, Proposal)
    assert proved(present.encode(), GOOD.encode(), proposal)
    assert untouched(present.encode(), proposal) == present.replace("1880", "").encode()


@pytest.mark.parametrize(
    "present",
    [
        "",
        "module.exports = {\n",
        "// nothing\n",
        "module.exports = Object.assign({}, { a: 1 });\n",
        "exports.uiPort = 1;\n",
    ],
)
def test_a_file_without_one_plain_object_is_refused(present: str) -> None:
    refusal(present)


@pytest.mark.parametrize(
    "attack",
    [
        "delete module.exports.adminAuth;\n",
        "module.exports.adminAuth = null;\n",
        "if (process.env.X) { module.exports.adminAuth = null }\n",
        "Object.assign(module.exports, { adminAuth: null });\n",
    ],
)
def test_code_that_would_undo_it_is_refused_with_its_line(attack: str) -> None:
    present = GOOD.replace(LOGIN + ",", "") + attack
    assert refusal(present).line == present.count("\n")


@pytest.mark.parametrize(
    "attack",
    [
        "setTimeout(() => { module.exports.adminAuth = null }, 100);\n",
        "Object.prototype.requireHttps = false;\n",
        "require('./evil');\n",
        "const x = eval('1');\n",
        "require('crypto').timingSafeEqual = () => true;\n",
    ],
)
def test_code_that_was_not_accepted_is_refused_even_if_the_settings_are_right(attack: str) -> None:
    refusal(GOOD.replace(LOGIN + ",", "") + attack)
    refusal(GOOD + attack)


def test_code_that_was_accepted_is_no_obstacle() -> None:
    good = GOOD.replace("const os", "const helper = require('./helper');\nhelper();\nconst os")
    assert restored(good.replace(LOGIN + ",", ""), good) == good


def test_another_setting_that_the_owner_changed_is_no_obstacle() -> None:
    present = GOOD.replace(LOGIN + ", // keep this\n", "").replace("flowFile", "httpStatic: '/home/pi', flowFile")
    assert restored(present) == GOOD.replace("flowFile", "httpStatic: '/home/pi', flowFile")


def test_a_value_whose_variable_changed_is_refused() -> None:
    good = 'const host = "127.0.0.1";\nmodule.exports = {\n    uiHost: host,\n    a: 1\n}\n'
    refusal(good.replace('"127.0.0.1"', '"0.0.0.0"'), good)
    refusal(good.replace('const host = "127.0.0.1";\n', "").replace("    uiHost: host,\n", ""), good)


def test_windows_line_ends_stay() -> None:
    good = "module.exports = {\r\n  a: 1,\r\n  uiPort: 28443,\r\n  b: 2\r\n}\r\n"
    present = "module.exports = {\r\n  x: 1,\r\n  a: 1, // one\r\n  // two\r\n  b: 2\r\n}\r\n"
    assert restored(present, good) == present.replace("// one\r\n", "// one\r\n  uiPort: 28443,\r\n")
