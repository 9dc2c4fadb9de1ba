"""The sample policy and its reference say what the code does, no more and no less."""

from __future__ import annotations

import re
from pathlib import Path

import policy_docs
import pytest

from nrguard.checks import all_checks
from nrguard.config import PolicyError, parse_policy
from nrguard.policy import Channel, Escalation, Mode, Policy, Quiet, Service, ServiceKind

ROOT = Path(__file__).parents[2]
SAMPLE = (ROOT / "config" / "nrguard.yaml").read_text(encoding="utf-8")
REFERENCE = (ROOT / "docs" / "policy.md").read_text(encoding="utf-8")
RULES = {check.id: check.rule for check in all_checks().values()}
BASE = "instances: {main: {settings: /home/pi/.node-red/settings.js}}\n"


def read(text: str) -> Policy:
    return parse_policy(text.encode(), rules=RULES)


def blocks(kind: str) -> list[str]:
    """Return the code blocks of the reference with this info string."""
    return re.findall(rf"^```{kind}\n(.*?)^```$", REFERENCE, flags=re.MULTILINE | re.DOTALL)


def documented_keys() -> list[str]:
    """Return the first cell of each table row, after the section that its heading names."""
    keys: list[str] = []
    section: str | None = None
    for line in REFERENCE.splitlines():
        if line.startswith("#"):
            heading = re.fullmatch(r"### `(.+)`", line)
            section = f"{heading[1]}." if heading else "" if line == "### The top level" else None
        elif section is not None and (row := re.match(r"\| `([^`]+)` \|", line)):
            keys.append(section + row[1])
    return keys


def test_the_sample_policy_parses_and_guards_one_node_red_securely() -> None:
    [instance] = read(SAMPLE).instances
    assert instance.mode is Mode.GUARD
    assert instance.service == Service(ServiceKind.SYSTEMD, unit="nodered.service")
    assert instance.want.adminAuth
    assert instance.want.httpNodeAuth
    assert instance.want.httpStaticAuth
    assert instance.want.https
    assert instance.want.requireHttps
    assert instance.want.uiPort not in (None, 1880)


def test_a_default_that_the_sample_shows_is_the_default() -> None:
    uncommented, count = re.subn(r"^( *)#(?=\w)", r"\1", SAMPLE, flags=re.MULTILINE)
    assert count >= 4 + len(RULES)
    assert read(uncommented) == read(SAMPLE)


def test_the_channels_that_the_sample_shows_can_be_switched_on() -> None:
    text = re.sub(r"^#  (?=\w+: \{(url|credential))", "  ", SAMPLE, flags=re.MULTILINE)
    assert [channel.label for channel in read(text).channels] == ["phone", "mail", "broker"]
    assert read(SAMPLE).channels == ()


def test_the_sample_names_every_key() -> None:
    leaves = {key.rsplit(".", 1)[-1] for key in policy_docs.every_key(RULES)}
    optional = {"stop", "contain"}  # beside `restart`, which the sample shows
    assert {leaf for leaf in leaves - optional if not re.search(rf"\b{leaf}: ?", SAMPLE)} == set()


def test_the_sample_fits_a_terminal_of_80_columns() -> None:
    kept, _, _ = SAMPLE.partition(policy_docs.SAMPLE_MARK)
    assert [line for line in kept.splitlines() if len(line) > 80 and not line.lstrip().startswith("#protect")] == []


def test_the_reference_names_every_key_once_and_no_other() -> None:
    documented = documented_keys()
    assert sorted(documented) == sorted(policy_docs.every_key(RULES))


@pytest.mark.parametrize("text", blocks("yaml"))
def test_every_example_of_the_reference_parses(text: str) -> None:
    assert read(text if "instances:" in text else BASE + text).instances


def test_the_broken_example_gives_the_messages_that_the_reference_shows() -> None:
    [broken], [messages] = blocks("yaml broken"), blocks("text")
    with pytest.raises(PolicyError) as caught:
        read(broken)
    assert caught.value.message + "\n" == messages


def test_a_new_check_reaches_sample_and_reference_by_running_the_script() -> None:
    checks = all_checks()
    for path, mark, sections in (
        (policy_docs.SAMPLE, policy_docs.SAMPLE_MARK, policy_docs.sample_sections(checks)),
        (policy_docs.REFERENCE, policy_docs.REFERENCE_MARK, policy_docs.reference_sections(checks)),
    ):
        stale = f"{path.name} is stale: run python scripts/policy_docs.py"
        assert policy_docs.renewed(path, mark, sections) == path.read_text(encoding="utf-8"), stale


def test_the_reference_shows_channels_that_keep_their_url_out_of_the_policy() -> None:
    [text] = [text for text in blocks("yaml") if text.startswith("channels:")]
    assert [channel.url for channel in read(BASE + text).channels] == ["", ""]
    assert read(BASE + text).channels[0] == Channel(
        "phone", url_file="/etc/nrguard/phone.url", quiet=Quiet(22 * 60, 7 * 60), escalate=Escalation("mail", 900.0)
    )
