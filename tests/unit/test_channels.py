"""A channel that can never work is named before an alert is lost to it."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from nrguard import deliver
from nrguard.deliver import Outcome
from nrguard.policy import Channel
from tests.delivery import parcels, run
from tests.sinks import HttpSink


@pytest.mark.real
def test_an_address_may_be_kept_in_a_file_or_in_the_environment(tmp_path: Path) -> None:
    with HttpSink() as sink:
        (tmp_path / "url").write_text(sink.url + "\n")
        channels = [Channel("file", url_file=str(tmp_path / "url")), Channel("variable", url_env="PHONE_URL")]
        request = deliver.request(channels, [*parcels(1, "file"), *parcels(1, "variable")])
        ran = run(request, environment={**os.environ, "PHONE_URL": sink.url})
    assert ran.outcomes == [Outcome.DELIVERED] * 2


@pytest.mark.real
def test_a_channel_without_an_address_says_why(tmp_path: Path) -> None:
    (tmp_path / "two").write_text("json://a\njson://b\n")
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    (tmp_path / "long").write_text("x" * 9000)
    names = ("gone", "two", "empty", "binary", "long")
    files = [Channel(name, url_file=str(tmp_path / name)) for name in names]
    looked = run(deliver.look_request([*files, Channel("unset", url_env="NRGUARD_UNSET")]))
    assert [receipt.detail.replace(str(tmp_path), "DIR") for receipt in looked.receipts] == [
        "DIR/gone can't be read: No such file or directory",
        "the address holds white space: give each address a channel of its own",
        "there is no address",
        "DIR/binary is no text",
        "DIR/long is too long for an address",
        "the variable NRGUARD_UNSET is not set",
    ]


WHY = {
    "ntfy://": "names no topic",
    "ntfy://127.0.0.1:8080/": "names no topic",
    "ntfys://ntfy.example/to.p!": "names no topic",
    "ntfys://ntfy.example/house?priority=urgentest": "knows no such priority; it has max, high, default, low, min",
    "gotify://host/token?priority=zzz": "knows no such priority; it has low, moderate, normal, high, emergency",
    "json://": "not complete",
    "json://127.0.0.1:99999": "no port 99999",
    "jsn://127.0.0.1/": "no service is called jsn://",
    "tgram://123": "not complete",
    "https://127.0.0.1/hook": "not complete",
    "127.0.0.1/hook": "does not begin with a service",
}
FINE_URLS = [
    "ntfy://house-alerts", "ntfys://ntfy.example/house?priority=high", "ntfy://h/t?priority=3", "ntfy://h/t?priority=d",
    "gotify://host/token?priority=normal", "json://127.0.0.1:8080/x", "mailto://user:pw@gmail.com", "jsons://[::1]/x",
    "tgram://123456789:abcdefghijklmnopqrstuvwxyz012345678/12315544/", "hassio://host/accesstoken",
    "pover://uuuuuuuuuuuuuuuuuuuuuuuuuuuuuu@tttttttttttttttttttttttttttttt/?priority=high",
    "https://discord.com/api/webhooks/123456/abcdef",
]  # fmt: skip


@pytest.mark.real
def test_what_apprise_accepts_without_a_word_is_refused_with_one() -> None:
    looked = run(deliver.look_request([Channel(str(number), url) for number, url in enumerate([*WHY, *FINE_URLS])]))
    assert (looked.status, looked.stderr) == (0, b"")
    for receipt, (url, why) in zip(looked.receipts, WHY.items(), strict=False):
        assert receipt.outcome is Outcome.PERMANENT, url
        assert why in receipt.detail
    sound = looked.receipts[len(WHY) :]
    assert [(receipt.outcome, receipt.detail) for receipt in sound] == [(Outcome.USABLE, "")] * len(FINE_URLS)


@pytest.mark.real
def test_a_missing_library_is_named() -> None:
    looked = run(deliver.look_request([Channel("broker", "mqtt://127.0.0.1/alerts")]))
    if find_spec("paho"):
        assert looked.outcomes == [Outcome.USABLE]
    else:
        assert looked.receipts[0].detail.startswith("mqtt:// needs paho-mqtt")


@pytest.mark.real
def test_the_short_way_to_a_plug_in_finds_what_apprise_finds() -> None:
    script = """if True:
        from apprise import NotificationManager
        from nrguard.deliver.service import PLUGINS, _plugin
        short = {schema: _plugin(schema) for schema in PLUGINS}
        plugins = NotificationManager()
        assert not plugins._loaded, "the short way loaded everything"
        assert all(plugins[schema] is found for schema, found in short.items()), short
        print(len(short))
    """
    ran = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, text=True, check=False)
    assert (ran.stdout, ran.stderr) == ("10\n", "")
