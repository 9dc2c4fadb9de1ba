"""The policy as the owner writes it, and the values that come of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import pytest
import yaml

from nrguard.checks import all_checks
from nrguard.config import PolicyError, parse_policy
from nrguard.model import PROTECTABLE, Severity
from nrguard.policy import (
    Channel,
    Instance,
    Intervals,
    Login,
    Mode,
    Policy,
    Response,
    Service,
    ServiceKind,
    Tls,
    User,
    Want,
)

HASH = "$2b$12$sSbND5Aul9l4ZYZTBRPNvuTz0TO2rNfAbhK73gehuhUsrvyodqYl."
SMALLEST = "instances:\n  main: {settings: /home/pi/.node-red/settings.js}\n"


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, slots=True)
class Everything:
    """A rule with a field of every kind."""

    severity: Severity = Severity.CRITICAL
    response: Response = Response.RESTORE
    on_lan: bool = True
    looks: int = 3
    after: float = 30.0
    label: str = "x"
    hosts: tuple[str, ...] = ()
    ports: tuple[int, ...] = (53, 22)
    colour: Colour = Colour.RED
    note: str | None = None

    def __post_init__(self) -> None:
        if self.looks > 9:
            raise ValueError("looks is at most 9")


def read(text: str, **rules: type) -> Policy:
    return parse_policy(text.encode(), rules=rules)


def checks(text: str) -> Policy:
    return read(f"{SMALLEST}checks:\n  all: {text}\n", all=Everything)


def test_the_smallest_policy_names_one_settings_file() -> None:
    assert read(SMALLEST) == Policy(instances=(Instance("main", "/home/pi/.node-red/settings.js"),))


def test_every_key_of_an_instance_reaches_its_field() -> None:
    policy = read(
        f"""
instances:
  hall-2:
    settings: /srv/hall/settings.js
    service: {{systemd: node-red@hall.service}}
    mode: observe
    protect: [https, adminAuth]
    want:
      adminAuth:
        - {{username: admin, password: generate, permissions: "*"}}
        - {{username: eve, password: {HASH}, permissions: [flows.read, nodes.read]}}
        - {{username: guest, password: '{HASH}', permissions: read}}
      httpNodeAuth: {{user: house, pass: generate}}
      httpStaticAuth: {{user: files, pass: {HASH}}}
      https: {{key: /etc/ssl/key.pem, cert: /etc/ssl/cert.pem}}
      requireHttps: true
      uiPort: 18880
      uiHost: "::1"
    environment: {{PORT: 1880, EMPTY: "", NAME: "yes"}}
    working_directory: /srv
    start_limit: 5m
"""
    )
    assert policy.instances == (
        Instance(
            name="hall-2",
            settings="/srv/hall/settings.js",
            service=Service(ServiceKind.SYSTEMD, unit="node-red@hall.service"),
            mode=Mode.OBSERVE,
            protect=("adminAuth", "https"),
            want=Want(
                adminAuth=(
                    User("admin", "generate"),
                    User("eve", HASH, ("flows.read", "nodes.read")),
                    User("guest", HASH, "read"),
                ),
                httpNodeAuth=Login("house", "generate"),
                httpStaticAuth=Login("files", HASH),
                https=Tls("/etc/ssl/key.pem", "/etc/ssl/cert.pem"),
                requireHttps=True,
                uiPort=18880,
                uiHost="::1",
            ),
            environment={"PORT": "1880", "EMPTY": "", "NAME": "yes"},
            working_directory="/srv",
            start_limit=300.0,
        ),
    )


def test_a_self_signed_pair_lies_beside_settings_js() -> None:
    [instance] = read("instances: {main: {settings: /srv/n/settings.js, want: {https: self-signed}}}").instances
    assert instance.want.https == Tls("/srv/n/nrguard-key.pem", "/srv/n/nrguard-cert.pem", self_signed=True)


def test_a_command_is_argument_lists() -> None:
    [instance] = read(
        "instances: {main: {settings: /s.js, service: {command: {restart: [pm2, restart, 0], "
        'stop: [/usr/bin/pm2, stop, ""], contain: [pm2, start, -D, uiHost=127.0.0.1]}}}}'
    ).instances
    assert instance.service == Service(
        ServiceKind.COMMAND,
        restart=("pm2", "restart", "0"),
        stop=("/usr/bin/pm2", "stop", ""),
        contain=("pm2", "start", "-D", "uiHost=127.0.0.1"),
    )


def test_no_service_is_said_with_none() -> None:
    [instance] = read("instances: {main: {settings: /s.js, service: none}}").instances
    assert instance.service == Service()


def test_an_environment_that_is_empty_is_known_to_be_empty() -> None:
    known, unknown = read(
        "instances: {a: {settings: /a.js, environment: {}}, b: {settings: /b.js, environment: }}"
    ).instances
    assert (known.environment, unknown.environment) == ({}, None)


def test_channels_keep_their_order_and_their_kind_of_address() -> None:
    policy = read(
        SMALLEST + "channels:\n"
        '  phone: {url: "ntfy://host/topic", from: note}\n'
        "  mail: {url_file: /etc/nrguard/mail, from: critical}\n"
        "  chat: {url_env: CHAT_URL}\n"
    )
    assert policy.channels == (
        Channel("phone", url="ntfy://host/topic", least=Severity.NOTE),
        Channel("mail", url_file="/etc/nrguard/mail", least=Severity.CRITICAL),
        Channel("chat", url_env="CHAT_URL", least=Severity.WARNING),
    )


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("30", 30.0), ("30s", 30.0), ("5m", 300.0), ("6h", 21600.0), ("2d", 172800.0), ("1.5h", 5400.0), ('"90s"', 90.0)],
)
def test_a_duration_has_a_unit_or_is_in_seconds(written: str, seconds: float) -> None:
    assert read(f"{SMALLEST}intervals: {{wire: {written}}}").intervals == Intervals(wire=seconds)


def test_sections_whose_lines_are_all_commented_out_count_as_left_out() -> None:
    text = SMALLEST + "channels:\n#  phone: {url_env: X}\nintervals:\nchecks:\n  all:\n"
    assert read(text, all=Everything) == read(SMALLEST, all=Everything)


def test_a_check_without_a_section_has_its_defaults() -> None:
    assert read(SMALLEST, all=Everything).rules == {"all": Everything()}


def test_a_rule_has_fields_of_every_kind() -> None:
    policy = checks(
        "{severity: note, response: tell, on_lan: false, looks: 2, after: 2m, label: 'on', hosts: [a, b],"
        " ports: [80], colour: blue, note: null}"
    )
    assert policy.rules["all"] == Everything(
        severity=Severity.NOTE,
        response=Response.TELL,
        on_lan=False,
        looks=2,
        after=120.0,
        label="on",
        hosts=("a", "b"),
        ports=(80,),
        colour=Colour.BLUE,
    )


def test_a_rule_that_refuses_its_own_values_is_a_problem_of_the_policy() -> None:
    with pytest.raises(PolicyError, match=r"nrguard\.yaml:4:8: looks is at most 9"):
        checks("{looks: 12}")


def test_a_rule_with_a_field_that_no_yaml_can_fill_is_a_bug_in_the_check() -> None:
    @dataclass(frozen=True, slots=True)
    class Odd:
        where: complex = 1j

    with pytest.raises(TypeError, match="complex"):
        read(f"{SMALLEST}checks: {{odd: {{where: 1}}}}", odd=Odd)


def test_every_registered_check_has_a_rule_that_the_policy_can_hold() -> None:
    rules = {check.id: check.rule for check in all_checks().values()}
    policy = parse_policy(SMALLEST.encode(), rules=rules)
    assert policy.rules == {id_: rule() for id_, rule in rules.items()}


def test_windows_line_ends_and_a_byte_order_mark_change_nothing() -> None:
    windows = b"\xef\xbb\xbf" + SMALLEST.replace("\n", "\r\n").encode()
    assert parse_policy(windows, rules={}) == read(SMALLEST)


def test_the_pure_loader_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    sample = (Path(__file__).parents[2] / "config" / "nrguard.yaml").read_bytes()
    rules = {check.id: check.rule for check in all_checks().values()}
    fast = parse_policy(sample, rules=rules)
    monkeypatch.setattr("nrguard.config.tree._LOADER", yaml.SafeLoader)
    assert parse_policy(sample, rules=rules) == fast


def test_protected_settings_default_to_all_and_keep_their_order() -> None:
    [instance] = read("instances: {main: {settings: /s.js, protect: [uiHost, uiPort, adminAuth, uiPort]}}").instances
    assert instance.protect == ("adminAuth", "uiPort", "uiHost")
    assert Instance("main", "/s.js").protect == PROTECTABLE


def test_no_secret_is_in_the_repr_of_a_policy() -> None:
    policy = read(
        f'{SMALLEST}    \nchannels: {{phone: {{url: "tgram://TOKEN"}}}}'.replace(
            "settings.js}", f"settings.js, want: {{httpNodeAuth: {{user: u, pass: {HASH}}}}}}}"
        )
    )
    assert policy.instances[0].want.httpNodeAuth == Login("u", HASH)
    assert HASH not in repr(policy)
    assert "TOKEN" not in repr(policy)
