"""Which settings file a start reads, and what it overrides: the rows of the Node-RED facts, sections 4 and 5."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from nrguard.starting import Bearing, Origin, Variable, Word
from nrguard.starting.commandline import taken_apart
from nrguard.starting.fold import Folded, fold

UNIT = Origin("/lib/nodered.service", 9)
HOME = {"HOME": "/home/pi"}


@dataclass
class Paper:
    """Files in memory."""

    texts: Mapping[str, str] = field(default_factory=dict)

    def exists(self, path: str) -> bool:
        return path in self.texts

    def read_text(self, path: str) -> str:
        if path not in self.texts:
            raise FileNotFoundError(2, "no such file", path)
        return self.texts[path]

    def trusted(self, path: str) -> bool:
        return path.startswith("/usr/")


def start(arguments: str, variables: Mapping[str, str] = HOME, **texts: str) -> Folded:
    words = [Word(text, UNIT) for text in ["node-red", *arguments.split()]]
    given = {name: Variable(name, value, Origin("/e", 1)) for name, value in variables.items()}
    files = Paper({"/" + name.replace("__", "/").replace("_DOT_", "."): text for name, text in texts.items()})
    return fold(taken_apart(words), given, "/work", files)


def found(folded: Folded) -> list[tuple[str, str, str]]:
    return [(one.bearing.value, one.subject, one.saw) for one in folded.deviations]


CONFIG = {"/red/.config.json": "{}", "/win/.node-red/.config.json": "{}", "/data/settings.js": ""}


@pytest.mark.parametrize(
    ("arguments", "variables", "file"),
    [
        ("-s other.js", HOME, "/work/other.js"),
        ("-s ~/other.js", HOME, "/home/pi/other.js"),
        ("-s other.js -u /data", HOME, "/work/other.js"),
        ("-u /data", HOME | {"NODE_RED_HOME": "/red"}, "/data/settings.js"),
        ("-u /new", HOME | {"NODE_RED_HOME": "/red"}, "/red/settings.js"),
        ("", HOME | {"NODE_RED_HOME": "/red"}, "/red/settings.js"),
        ("", HOME | {"NODE_RED_HOME": "/none"}, "/home/pi/.node-red/settings.js"),
        ("", HOME | {"HOMEPATH": "/win"}, "/win/.node-red/settings.js"),
        ("-u /new", HOME, "/new/settings.js"),
        ("", HOME, "/home/pi/.node-red/settings.js"),
        ("", {"USERPROFILE": "/prof"}, "/prof/.node-red/settings.js"),
        ("", {}, ""),
    ],
)
def test_the_settings_file_is_chosen_as_node_red_does(arguments: str, variables: Mapping[str, str], file: str) -> None:
    words = [Word(text, UNIT) for text in ["node-red", *arguments.split()]]
    given = {name: Variable(name, value, Origin("/e", 1)) for name, value in variables.items()}
    assert fold(taken_apart(words), given, "/work", Paper(CONFIG)).settings == file


def test_what_chose_the_settings_file_is_known() -> None:
    assert start("-s x.js").settings_origin == UNIT
    assert start("").settings_origin == Origin("/e", 1)


@pytest.mark.parametrize(
    ("define", "subject", "saw"),
    [
        ("adminAuth=null", "adminAuth", "-D adminAuth=null"),
        ("adminAuth=false", "adminAuth", "-D adminAuth=false"),
        ("adminAuth.default.permissions=*", "adminAuth", "-D adminAuth.default.permissions=*"),
        ('adminAuth.default={"permissions":"*"}', "adminAuth", '-D adminAuth.default={"permissions": "*"}'),
        ("adminAuth.users[0].password=$2b$08$secret", "adminAuth", "-D adminAuth.users[0].password=…"),
        ("'adminAuth'.type=x", "adminAuth", "-D 'adminAuth'.type=…"),
        ("credentialSecret=hunter2", "credentialSecret", "-D credentialSecret=…"),
        ("uiHost=0.0.0.0", "uiHost", "-D uiHost=0.0.0.0"),
    ],
)
def test_a_define_is_told_without_its_secrets(define: str, subject: str, saw: str) -> None:
    assert found(start(f"-D {define}")) == [("setting", subject, saw)]


def test_a_file_of_defines_is_read() -> None:
    folded = start("-D @over.json", work__over_DOT_json='{"adminAuth": null, "uiPort": 1881, "x": {"pass": "s"}}')
    assert [(one.subject, one.saw) for one in folded.deviations] == [
        ("adminAuth", "-D @over.json (adminAuth=null)"),
        ("uiPort", "-D @over.json (uiPort=1881)"),
        ("x", "-D @over.json (x=…)"),
    ]
    assert folded.port == 1881


@pytest.mark.parametrize("text", ["X=Y\n", "[" * 100_000])
def test_a_file_of_defines_that_does_not_read_is_told(text: str) -> None:
    folded = start("-D @over.json", work__over_DOT_json=text)
    assert folded.unseen == ("-D @over.json: it is not JSON (/lib/nodered.service line 9)",)


def test_a_missing_file_of_defines_is_told() -> None:
    assert start("-D @gone.json").unseen == ("-D @gone.json: no such file (/lib/nodered.service line 9)",)


def test_the_port_option_has_more_say_than_a_define() -> None:
    assert start("-p 1881 -D uiPort=1882").port == 1881
    assert start("-D uiPort=1882").port == 1882
    assert start("").port == 0


@pytest.mark.parametrize(
    ("options", "subject", "saw"),
    [
        ("--require /x.js", "--require", "--require /x.js"),
        ("-r /x.js", "-r", "-r /x.js"),
        ('--require="/a b.js"', "--require", "--require /a b.js"),
        ("--import=data:text/javascript,1", "--import", "--import data:text/javascript,1"),
        ("--max_old_space_size=512 --experimental_loader ./x", "--experimental-loader", "--experimental-loader ./x"),
    ],
)
def test_code_that_node_options_load_is_told(options: str, subject: str, saw: str) -> None:
    assert found(start("", HOME | {"NODE_OPTIONS": options})) == [("code", subject, saw)]


@pytest.mark.parametrize("options", ["--max_old_space_size=512", "--max-old-space-size=256 --no-warnings", ""])
def test_options_that_only_tune_node_are_nothing(options: str) -> None:
    assert found(start("", HOME | {"NODE_OPTIONS": options})) == []


def test_code_of_root_alone_is_told_apart() -> None:
    (mine,) = start("", HOME | {"LD_PRELOAD": "/home/pi/x.so"}).deviations
    (roots,) = start("", HOME | {"LD_PRELOAD": "/usr/lib/libjemalloc.so.2"}).deviations
    assert (mine.trusted, roots.trusted) == (False, True)


@pytest.mark.parametrize(
    ("option", "where"), [("--inspect", "127.0.0.1:9229"), ("--inspect=0.0.0.0:9229", "0.0.0.0:9229")]
)
def test_an_inspector_is_told_with_its_address(option: str, where: str) -> None:
    (deviation,) = start("", HOME | {"NODE_OPTIONS": option}).deviations
    assert (deviation.bearing, deviation.value) == (Bearing.INSPECTOR, where)


def test_a_plain_start_overrides_nothing() -> None:
    folded = start("-v --safe --title House flows.json", HOME | {"PORT": "1880", "NODE_RED_ENABLE_PROJECTS": "true"})
    assert (folded.deviations, folded.unseen) == ((), ())
