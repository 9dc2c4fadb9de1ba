"""What a policy may not say: each refusal by its place, its words and its advice; all of them at once."""

from __future__ import annotations

from itertools import pairwise

import pytest
import yaml

from nrguard.config import PolicyError, parse_policy
from nrguard.errors import OURS, USAGE, NrguardError
from nrguard.model import Severity
from nrguard.passwords import SAMPLE_HASH
from tests.unit.test_config import SMALLEST, Everything

SECRET = "Tr0ub4dor-and-3"


def problems(data: str | bytes) -> list[str]:
    """Return what is said about a policy that is refused."""
    data = data.encode() if isinstance(data, str) else data
    with pytest.raises(PolicyError) as caught:
        parse_policy(data, rules={"port": Everything})
    return [str(problem) for problem in caught.value.problems]


def instance(lines: str) -> list[str]:
    """Return what is said about these keys of an instance, which begin in line 4, column 5."""
    block = "".join(f"    {line}\n" for line in lines.split("\n"))
    return problems(f"instances:\n  main:\n    settings: /home/pi/.node-red/settings.js\n{block}")


def one(said: list[str], place: str, *words: str) -> None:
    """Assert that there is one problem, at `place`, in which all `words` occur."""
    assert len(said) == 1, said
    assert said[0].startswith(f"nrguard.yaml:{place}: "), said[0]
    assert [word for word in words if word not in said[0]] == [], said[0]


def test_all_mistakes_are_reported_at_once_in_the_order_of_the_file() -> None:
    said = problems(
        "instances:\n  main:\n    mode: gaurd\n    want:\n      uiPort: 99999\n      requireHttps: yes\n"
        "channels:\n  phone: {from: warning}\nintervals: {wire: soon}\nchecks:\n  prot: {}\n"
    )
    assert [line.split(": ")[0] for line in said] == [
        f"nrguard.yaml:{place}" for place in ("2:3", "3:11", "5:15", "6:21", "8:3", "9:19", "11:3")
    ]


def test_the_error_is_the_owners_mistake_and_names_the_file_that_was_given() -> None:
    with pytest.raises(NrguardError) as caught:
        parse_policy(b"instnaces:\n\nx: 2\n", "house.yaml", rules={})
    assert [line[:16] for line in caught.value.message.splitlines()] == ["house.yaml:1:1: ", "house.yaml:3:1: "]
    assert (caught.value.status(), caught.value.status(verdict=True)) == (USAGE, OURS)


@pytest.mark.parametrize(
    ("lines", "place", "words"),
    [
        ("mode: gaurd", "4:11", ["'gaurd'", "did you mean 'guard'?"]),
        ("mdoe: guard", "4:5", ["unknown key", "did you mean 'mode'?"]),
        ("xyzzy: 1", "4:5", ["unknown key", "known: settings, service, mode"]),
        ("protect: [adminauth]", "4:15", ["did you mean 'adminAuth'?"]),
        ("protect: []", "4:14", ["nothing is protected", "mode: observe"]),
        ("protect: adminAuth", "4:14", ["a list is wanted"]),
        ("start_limit: 1s", "4:18", ["from 10s to 1h"]),
        ("start_limit: 3x", "4:18", ["30s, 5m, 6h, 2d"]),
        ("working_directory: pi", "4:24", ["not absolute"]),
        ("working_directory: /home/../root", "4:24", ["detour", "write /root"]),
        ("working_directory: /home/pi/", "4:24", ["detour", "write /home/pi)"]),
        ("environment: {1X: y}", "4:19", ["no name of an environment variable"]),
        ("environment: {X: 0755}", "4:22", ["octal", "put it in quotes"]),
        ("environment: [X]", "4:18", ["keys with values"]),
        ("service: nodered.service", "4:14", ["{systemd: nodered.service}"]),
        ("service: {systemd: nodered}", "4:24", ["write nodered.service"]),
        ("service: {systemd: a, command: {}}", "4:14", ["exactly one"]),
        ("service: {}", "4:14", ["exactly one"]),
        ("service: {command: {stop: [x]}}", "4:24", ["restart is missing"]),
        ("service: {command: {restart: pm2 restart}}", "4:34", ["no shell is used: write it as a list"]),
        ("service: {command: {restart: []}}", "4:34", ["the list is empty"]),
        ("service: {command: {restart: [./run]}}", "4:35", ["relative path"]),
        ("service: {command: {restart: [pm2 restart]}}", "4:35", ["each argument stand alone"]),
        ("service: {command: {restart: [bin/run]}}", "4:35", ["relative path"]),
        ('service: {command: {restart: ["", x]}}', "4:35", ["the program is missing"]),
        ("service: {command: {restart: [pm2, [x]]}}", "4:40", ["text is wanted"]),
        ("want: {adminAuth: {username: x}}", "4:23", ["a list of users"]),
        ("want: {adminAuth: []}", "4:23", ["a list of users"]),
        ("want: {httpNodeAuth: {user: 'a:b', pass: generate}}", "4:33", ["':'"]),
        ("want: {httpNodeAuth: {user: a}}", "4:26", ["pass is missing"]),
        ("want: {https: selfsigned}", "4:19", ["self-signed"]),
        ("want: {https: {key: /k}}", "4:19", ["key and cert are both wanted"]),
        ("want: {https: {key: /k, cert: c}}", "4:35", ["not absolute"]),
        ("want: {requireHttps: 'true'}", "4:26", ["without quotes"]),
        ("want: {requireHttps: True}", "4:26", ["small letters"]),
        ("want: {uiPort: 0}", "4:20", ["1 to 65535"]),
        ("want: {uiPort: '1880'}", "4:20", ["without quotes"]),
        ("want: {uiPort: 18_880}", "4:20", ["underscores"]),
        ("want: {uiHost: 300.1.1.1}", "4:20", ["no IP address"]),
        ("want: {uiHost: '[::1]'}", "4:20", ["no IP address"]),
        ("want: {uiHost: 'my host'}", "4:20", ["no host name"]),
        ("settings: /other.js", "4:5", ["'settings' is given twice", "first in line 3"]),
    ],
)
def test_an_instance_is_refused_with_its_place_and_advice(lines: str, place: str, words: list[str]) -> None:
    one(instance(lines), place, *words)


@pytest.mark.parametrize(
    ("password", "words"),
    [
        (SECRET, ["plain-text password", "nrguard hash-pw", "generate"]),
        ('""', ["an empty password"]),
        ("5f4dcc3b5aa765d61d8327deb882cf99", ["an MD5 hash"]),
        ("$1$abc$defghijklmnopqrstuv", ["a hash of another kind"]),
        ("$2x$08$zZWtXTja0fB1pzD4sHCMyOCMYz2Z6dNbM6tl8sJogENOMcxWV9DN.", ["$2x$", "faulty"]),
        ("$2b$08$zZWtXTja0fB1pzD4sHCMyOCMYz2Z6dNbM6tl8sJogENOMcxWV9DN", ["damaged"]),
        ("$2b$04$zZWtXTja0fB1pzD4sHCMyOCMYz2Z6dNbM6tl8sJogENOMcxWV9DN.", ["cost 4", "8 to 15"]),
        ("$2b$20$zZWtXTja0fB1pzD4sHCMyOCMYz2Z6dNbM6tl8sJogENOMcxWV9DN.", ["cost 20", "8 to 15"]),
        (SAMPLE_HASH, ["sample hash", "its password is 'password'"]),
        ("[x]", ["bcrypt hash or generate"]),
    ],
)
def test_a_password_that_is_no_strong_hash_is_refused_and_never_shown(password: str, words: list[str]) -> None:
    said = instance(f"want: {{adminAuth: [{{username: admin, password: {password}}}]}}")
    one(said, "4:52", *words)
    assert password == '""' or password not in said[0]


def test_a_username_that_occurs_twice_is_refused() -> None:
    user = "{username: admin, password: generate}"
    one(instance(f"want: {{adminAuth: [{user}, {user}]}}"), "4:63", "taken by an earlier user")


def test_a_home_directory_is_not_expanded_but_spelled_out() -> None:
    one(problems("instances: {m: {settings: ~/.node-red/settings.js}}"), "1:27", "write /home/pi/.node-red/settings.js")
    one(problems("instances: {m: {settings: ~eva/settings.js}}"), "1:27", "write /home/eva/settings.js")


def test_two_instances_may_not_guard_the_same_file() -> None:
    one(problems("instances:\n  a: {settings: /s.js}\n  b: {settings: /s.js}\n"), "3:3", "same settings file as 'a'")


def test_an_instance_needs_a_settings_file_and_a_policy_needs_an_instance() -> None:
    one(problems("instances: {main: {}}"), "1:13", "settings is missing")
    one(problems("instances: {}"), "1:12", "no instance is named")
    one(problems("intervals: {}"), "1:1", "instances is missing")
    one(problems("instances: {main: }"), "1:13", "settings is missing")


@pytest.mark.parametrize("name", ["Main", "a_b", "x" * 33, "häuschen", "'a b'"])
def test_a_name_is_short_and_plain(name: str) -> None:
    one(problems(f"instances:\n  {name}: {{settings: /s.js}}\n"), "2:3", "a-z, 0-9 and '-'")


@pytest.mark.parametrize(
    ("channel", "place", "words"),
    [
        (f"ntfy://{SECRET}", "4:10", ["keys with values"]),
        (f'{{url: "{SECRET}"}}', "4:16", ["no Apprise URL"]),
        ('{url: "ntfy://"}', "4:16", ["no Apprise URL"]),
        (f'{{url: "ntfy://a b/{SECRET}"}}', "4:16", ["no Apprise URL"]),
        ("{}", "4:3", ["no address", "exactly one of url, url_file, url_env and credential"]),
        (f"{{url: 'ntfy://{SECRET}', url_env: X}}", "4:3", ["url and url_env", "exactly one"]),
        (f"{{url_env: {SECRET}}}", "4:20", ["no name of an environment variable"]),
        ("{url_file: phone.url}", "4:21", ["not absolute"]),
        ("{url_env: X, from: urgent}", "4:29", ["'urgent'", "note, warning, critical"]),
        (f"{{url_env: X, {SECRET}}}", "4:23", ["unknown key"]),
        (f"{{credential: /{SECRET}}}", "4:23", ["no name of a credential", "LoadCredential="]),
        ("{credential: ..}", "4:23", ["no name of a credential"]),
        ("{url_env: X, quiet: 22-7}", "4:30", ["no hours of a day", "22:00-07:00"]),
        ('{url_env: X, quiet: "07:00-07:00"}', "4:30", ["no hours of a day"]),
        ('{url_env: X, quiet: "22:00-24:00"}', "4:30", ["no hours of a day"]),
        ("{url_env: X, escalate: {to: mail}}", "4:33", ["no other channel"]),
    ],
)
def test_a_channel_is_refused_without_showing_its_address(channel: str, place: str, words: list[str]) -> None:
    said = problems(f"{SMALLEST}channels:\n  phone: {channel}\n")
    one(said, place, *words)
    assert SECRET not in said[0]


@pytest.mark.parametrize(
    ("escalate", "place", "words"),
    [
        ("mail", "4:33", ["keys with values"]),
        ("{after: 5m}", "4:33", ["to is missing"]),
        ("{to: mial}", "4:38", ["'mial'", "did you mean 'mail'?"]),
        ("{to: phone}", "4:38", ["'phone'", "mail"]),
        ("{to: mail, after: 5s}", "4:51", ["from 1m to 1d"]),
    ],
)
def test_a_channel_escalates_to_another_one(escalate: str, place: str, words: list[str]) -> None:
    text = f"{SMALLEST}channels:\n  phone: {{url_env: X, escalate: {escalate}}}\n  mail: {{url_env: Y}}\n"
    one(problems(text), place, *words)


@pytest.mark.parametrize(
    ("heartbeat", "place", "words"),
    [
        (f"https://hc.example/{SECRET}", "3:12", ["keys with values"]),
        (f"{{url: 'ntfy://{SECRET}'}}", "3:18", ["no web address"]),
        (f"{{url: 'https://{SECRET}', url_env: X}}", "3:12", ["url and url_env"]),
        ("{every: 15m}", "3:12", ["the heartbeat has no address"]),
        ("{url_env: X, every: 30s}", "3:32", ["from 1m to 1d"]),
    ],
)
def test_a_heartbeat_is_refused_without_showing_its_address(heartbeat: str, place: str, words: list[str]) -> None:
    said = problems(f"{SMALLEST}heartbeat: {heartbeat}\n")
    one(said, place, *words)
    assert SECRET not in said[0]


@pytest.mark.parametrize(
    ("section", "place", "words"),
    [
        ("all_is_well: daily", "3:14", ["'daily'", "weekly, monthly, never"]),
        ("intervals: {content: 0}", "3:22", ["from 1s to 30d"]),
        ("intervals: {contents: 30s}", "3:13", ["did you mean 'content'?"]),
        ("intervals: {wire: 1:30}", "3:19", ["base 60"]),
        ("intervals: 30s", "3:12", ["keys with values"]),
        ("checks: {prot: {}}", "3:10", ["unknown check 'prot'", "did you mean 'port'?"]),
        ("checks: {port: ignore}", "3:16", ["keys with values", "{severity: ...}"]),
        ("checks: {port: {severity: fatal}}", "3:27", ["'fatal'", "note, warning, critical"]),
        ("checks: {port: {response: restor}}", "3:27", ["did you mean 'restore'?"]),
        ("checks: {port: {looks: 1.5}}", "3:24", ["a whole number"]),
        ("checks: {port: {on_lan: off}}", "3:25", ["booleans to YAML 1.1", "write true or false"]),
        ("checks: {port: {hosts: a}}", "3:24", ["a list is wanted"]),
        ("checks: {port: {hosts: [yes]}}", "3:25", ["booleans to YAML 1.1", "quotes"]),
        ("checks: {port: {sevrity: note}}", "3:17", ["did you mean 'severity'?"]),
    ],
)
def test_intervals_and_checks_are_refused_with_place_and_advice(section: str, place: str, words: list[str]) -> None:
    one(problems(f"{SMALLEST}{section}\n"), place, *words)


@pytest.mark.parametrize(
    ("written", "word"),
    [
        ("yes", "booleans"),
        ("No", "booleans"),
        ("off", "booleans"),
        ("0755", "octal"),
        ("0o755", "octal"),
        ("0x1F", "0x"),
        ("1_000", "underscores"),
        ("12:30", "base 60"),
        ("2026-11-24", "date"),
        ("2026-11-24T12:30:00Z", "date"),
        (".inf", ".inf"),
        ("true", "YAML reads something else"),
        ("1.10", "YAML reads something else"),
        ("1e3", "YAML reads something else"),
        ("~", "the value is missing"),
        ('"a\\tb"', "control character"),
        ('"\\u202e"', "control character"),
    ],
)
def test_what_yaml_takes_for_something_else_is_refused_by_name(written: str, word: str) -> None:
    one(instance(f"want: {{httpNodeAuth: {{pass: generate, user: {written}}}}}"), "4:49", word)


@pytest.mark.parametrize("written", ["'yes'", '"0755"', "12:30:99", "y", "1880", "v1.10", "-x"])
def test_quoted_and_plain_text_is_taken_as_it_is(written: str) -> None:
    text = f"{SMALLEST[:-2]}, want: {{httpNodeAuth: {{user: {written}, pass: generate}}}}}}"
    if ":" in written:
        text = text.replace(written, written.replace(":", "-"))
    login = parse_policy(text.encode(), rules={}).instances[0].want.httpNodeAuth
    assert login is not None
    assert login.user == written.strip("'\"").replace(":", "-")


@pytest.mark.parametrize("loader", [yaml.SafeLoader, getattr(yaml, "CSafeLoader", yaml.SafeLoader)])
@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("a: b: c\n", "1:5", ["not YAML", "a value with a colon needs quotes"]),
        ("a:\n\tb: 1\n", "2:1", ["spaces, not with a tab"]),
        ('a: "b\n', "1:4", ["quotation mark is never closed"]),
        ("a: [1,\n", "2:1", ["bracket not closed"]),
        ("a: {p: *}\n", "1:9", ['a star needs quotes: "*"']),
        ("a: @b\n", "1:4", ["put the value in quotes"]),
        ("- a\nb: 1\n", "2:1", ["indented as its neighbours"]),
        ("", "1:1", ["empty", "config/nrguard.yaml"]),
        ("# nothing\n", "1:1", ["empty"]),
        ("[[[[[[[[[[[[[[[[", "1:13", ["nested too deeply"]),
        ("? ? ? ? ? ? ? ? ? ? ? ? ? x", "1:25", ["nested too deeply"]),
        ("- a\n", "1:1", ["keys with values"]),
        ("settings.js\n", "1:1", ["keys with values"]),
    ],
)
def test_what_is_no_policy_at_all_is_one_problem(
    loader: object, text: str, place: str, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nrguard.config.tree._LOADER", loader)
    one(problems(text), place, *words)


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        (f"{SMALLEST}intervals: &i {{wire: 5m}}\n", "3:12", ["an anchor"]),
        (f"{SMALLEST}channels: *c\n", "3:11", ["an alias", '"*"']),
        (f"{SMALLEST}intervals: {{wire: !!str 5m}}\n", "3:19", ["a tag"]),
        (f"{SMALLEST}intervals: !x {{wire: 5m}}\n", "3:12", ["a tag"]),
        (f"{SMALLEST}intervals: {{<<: {{wire: 5m}}}}\n", "3:13", ["a merge key"]),
        (f"{SMALLEST}---\n{SMALLEST}", "3:1", ["a second document"]),
        (f"%YAML 1.1\n---\n{SMALLEST}", "1:1", ["a YAML directive"]),
        (f"{SMALLEST}[x]: y\n", "3:1", ["a key must be a word"]),
        (f"{SMALLEST}intervals: {{wire: 5m, wire: 6m}}\n", "3:23", ["'wire' is given twice"]),
    ],
)
def test_what_a_policy_has_no_use_for_is_refused_by_name(text: str, place: str, words: list[str]) -> None:
    said = problems(text)
    assert said[0].startswith(f"nrguard.yaml:{place}: ")
    assert [word for word in words if word not in said[0]] == []


def test_an_alias_bomb_is_refused_before_it_grows() -> None:
    levels = "".join(f"{a}: &{a} [*{b},*{b},*{b},*{b},*{b},*{b},*{b},*{b}]\n" for b, a in pairwise("abcdefgh"))
    assert "an anchor" in problems(f"a: &a x\n{levels}")[0]


@pytest.mark.parametrize(
    ("data", "place", "words"),
    [
        (b"a: \xff\n", "1:4", "not UTF-8"),
        ("ä: 1\nö: \udcff".encode("utf-8", "surrogateescape"), "2:4", "not UTF-8"),
        (SMALLEST.encode("utf-16"), "1:1", "not UTF-8"),
        (b"a: \0\n", "1:4", "U+0000"),
        (b"a: 1 # x\rmode: guard\n", "1:9", "U+000D"),
        ("# x\u2028a: 1\n".encode(), "1:4", "U+2028"),
        ("# \u202e\n".encode(), "1:3", "U+202E"),
        (b"# " + b"x" * (256 * 1024), "1:1", "larger than 256 KiB"),
    ],
)
def test_bytes_that_no_editor_shows_alike_are_refused(data: bytes, place: str, words: str) -> None:
    one(problems(data), place, words)


def test_a_file_full_of_mistakes_ends_soon_and_shows_the_first_fifty() -> None:
    assert len(problems("".join(f"instnaces{n}: {n}\n" for n in range(10_000)))) == 50


@pytest.mark.parametrize("value", ["1" * 100_000 + "_x", "9" * 100_000, "a." * 50_000, "1:0" * 30_000])
def test_a_value_that_is_far_too_long_is_refused_before_any_pattern_sees_it(value: str) -> None:
    one(instance(f"start_limit: {value}"), "4:18", "longer than 4096 characters")


def test_no_rule_is_built_from_a_value_that_was_refused() -> None:
    said = problems(f"{SMALLEST}checks: {{port: {{looks: many, severity: fatal}}}}\n")
    assert [line.split(": ")[0] for line in said] == ["nrguard.yaml:3:24", "nrguard.yaml:3:40"]


def test_every_severity_has_a_name_in_the_policy() -> None:
    for severity in Severity:
        text = f"{SMALLEST}checks: {{port: {{severity: {severity}}}}}"
        assert parse_policy(text.encode(), rules={"port": Everything}).rules == {"port": Everything(severity=severity)}
