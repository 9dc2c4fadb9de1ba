"""A unit and its drop-ins, read as systemd reads them."""

from __future__ import annotations

import pytest

from nrguard.starting import Variable, Word, commandline
from nrguard.starting.unitfile import Unit, folded, read
from nrguard.starting.words import Unreadable, relaxed_words, words

PI = """[Unit]
Description=Node-RED
[Service]
Type=simple
User=pi
WorkingDirectory=/home/pi
Environment="NODE_OPTIONS=--max_old_space_size=512"
# user-writable:
EnvironmentFile=-/home/pi/.node-red/environment
ExecStart=/usr/bin/env node-red-pi $NODE_OPTIONS \\
    -- $NODE_RED_OPTIONS
[Install]
WantedBy=multi-user.target
"""


def unit(*texts: str) -> Unit:
    paths = ["/lib/systemd/system/nodered.service", *(f"/etc/{n}.conf" for n in range(1, len(texts)))]
    return read(zip(paths, texts, strict=True), {"i": "hall", "h": "/root"})


def texts(command: tuple[Word, ...]) -> list[str]:
    return [word.text for word in command]


def test_the_unit_of_the_pi_is_read_with_its_lines() -> None:
    made = unit(PI)
    assert texts(made.command) == ["/usr/bin/env", "node-red-pi", "$NODE_OPTIONS", "--", "$NODE_RED_OPTIONS"]
    assert (made.user, made.working_directory) == ("pi", "/home/pi")
    assert [(file.path, file.optional, file.origin.line) for file in made.files] == [
        ("/home/pi/.node-red/environment", True, 9)
    ]
    assert str(made.origin) == "/lib/systemd/system/nodered.service line 10"


def test_a_drop_in_has_the_last_word() -> None:
    made = unit(PI, "[Service]\nUser=root\nExecStart=\nExecStart=/usr/bin/node-red -s /tmp/x.js\n")
    assert made.user == "root"
    assert str(made.user_origin) == "/etc/1.conf line 2"
    assert texts(made.command) == ["/usr/bin/node-red", "-s", "/tmp/x.js"]


def test_a_second_command_that_replaces_none_is_refused_by_systemd_and_not_read() -> None:
    assert texts(unit(PI, "[Service]\nExecStart=/bin/other\n").command)[1] == "node-red-pi"


def test_an_empty_assignment_resets_a_list() -> None:
    made = unit(PI, "[Service]\nEnvironmentFile=\nEnvironment=\nEnvironment=A=1 'B=two words'\n")
    assert made.files == []
    assert [(one.name, one.value) for one in made.environment] == [("A", "1"), ("B", "two words")]


def test_lines_of_other_sections_say_nothing() -> None:
    assert unit("[Unit]\nUser=eve\n[Service]\nUser=pi\n[X-Service]\nUser=eve\n").user == "pi"


def test_specifiers_are_filled_in_and_unknown_ones_are_told() -> None:
    made = unit("[Service]\nWorkingDirectory=%h/%i/100%%\nUser=%Q\nExecStart=/bin/true\n")
    assert made.working_directory == "/root/hall/100%"
    assert made.user == ""
    assert made.strange == ["User= at /lib/systemd/system/nodered.service line 3: the specifier %Q is not known here"]


def test_the_prefixes_of_a_command_are_no_part_of_it() -> None:
    made = unit("[Service]\nExecStart=@-:/usr/bin/node-red red -u /data\n")
    assert texts(made.command) == ["/usr/bin/node-red", "-u", "/data"]
    assert not made.expands


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("a  b\tc", ["a", "b", "c"]),
        ("'a b' \"c d\"e", ["a b", "c de"]),
        (r"a\x20b \101 \s \u00e9", ["a b", "A", " ", "é"]),
        ("''", [""]),
        ("", []),
    ],
)
def test_a_line_is_cut_into_words_as_systemd_does(line: str, meant: list[str]) -> None:
    assert words(line) == meant


@pytest.mark.parametrize("line", ["'a", r"a\q", "a\\"])
def test_a_line_that_systemd_refuses_is_not_guessed_at(line: str) -> None:
    with pytest.raises(Unreadable):
        words(line)


def test_a_variable_is_cut_more_freely() -> None:
    assert relaxed_words(r"""-D 'a b' x\'y "open""") == ["-D", "a b", "x'y", "open"]


def test_variables_stand_alone_or_in_braces() -> None:
    made = unit("[Service]\nExecStart=/bin/x $A x$A ${A} $$A $B\n")
    variables = folded([Variable("A", "one two", made.origin)] if made.origin else [])
    given = commandline.expanded(made.command, variables)
    assert texts(tuple(given)) == ["/bin/x", "one", "two", "x$A", "one two", "$A"]


def test_what_is_unset_is_not_there() -> None:
    made = unit("[Service]\nEnvironment=A=1 B=2 C=3\nUnsetEnvironment=A B=9\n")
    assert folded(made.environment, made.unset).keys() == {"B", "C"}
