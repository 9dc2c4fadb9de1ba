"""Who gets which words of a command line: Node, or Node-RED."""

from __future__ import annotations

import pytest

from nrguard.starting import Origin, Word
from nrguard.starting.arguments import Arguments, read
from nrguard.starting.commandline import Commands, taken_apart

UNIT = Origin("/u", 3)


def given(text: str) -> list[Word]:
    return [Word(word, UNIT) for word in text.split(" ")]


def texts(words: list[Word]) -> str:
    return " ".join(word.text for word in words)


def apart(text: str) -> Commands:
    return taken_apart(given(text))


def arguments(text: str) -> Arguments:
    return read(given(text))


@pytest.mark.parametrize(
    ("line", "node", "red"),
    [
        ("/usr/bin/node-red -s x", "", "-s x"),
        ("/usr/bin/env node-red-pi --max_old_space_size=512 -- -D a=b", "--max_old_space_size=512", "-D a=b"),
        ("node-red-pi -- --settings x --userDir y -v", "", "--settings x --userDir y -v"),
        ("node --require x /usr/lib/node_modules/node-red/red.js -u y", "--require x", "-u y"),
        ("/usr/bin/node -r x --inspect red.js", "-r x --inspect", ""),
        ("env NODE_PATH=/x node-red", "", ""),
    ],
)
def test_a_command_line_is_taken_apart(line: str, node: str, red: str) -> None:
    made = apart(line)
    assert (texts(made.node), texts(made.red), made.sure) == (node, red, True)


def test_env_adds_its_variables() -> None:
    made = apart("env NODE_OPTIONS=-r=x node-red")
    assert [(one.name, one.value) for one in made.variables] == [("NODE_OPTIONS", "-r=x")]


def test_a_simple_shell_command_is_followed() -> None:
    made = taken_apart([Word("sh", UNIT), Word("-c", UNIT), Word("exec node-red -D adminAuth=null", UNIT)])
    assert (texts(made.red), made.sure) == ("-D adminAuth=null", True)


@pytest.mark.parametrize("line", ["/opt/start.sh -D a=b", "npm start -- -D a=b", "node other.js -D a=b"])
def test_what_a_program_of_unknown_habits_hands_on_is_not_sure(line: str) -> None:
    made = apart(line)
    assert not made.sure
    assert "-D a=b" in texts(made.red)


def test_node_red_pi_cuts_at_blanks_once_more() -> None:
    made = taken_apart([Word("node-red-pi", UNIT), Word("-D adminAuth=null", UNIT)])
    assert texts(made.red) == "-D adminAuth=null"


@pytest.mark.parametrize(
    "line",
    [
        "-D a=b", "--define a=b", "--define=a=b", "-D=a=b", "--def a=b", "-vD a=b", "---D a=b", "-define a=b", "-d a=b",
        "-v -D a=b flows.json", "--no-telemetry -D a=b", "--safe true -D a=b", "-u x -D a=b", "--no-verbose -D a=b",
    ],
)  # fmt: skip
def test_every_spelling_of_a_define_is_understood(line: str) -> None:
    assert texts(arguments(line).defines) == "a=b"


@pytest.mark.parametrize("line", ["-- -D a=b", "flows.json", "-D", "--title -D"])
def test_what_is_no_define_is_none(line: str) -> None:
    assert arguments(line).defines == []


def test_of_an_option_given_twice_the_last_one_counts() -> None:
    made = arguments("-s one -s two -p 1 --port=2 -D a=1 -D b=2")
    assert made.settings is not None
    assert made.settings.text == "two"
    assert made.port is not None
    assert made.port.text == "2"
    assert texts(made.defines) == "a=1 b=2"
