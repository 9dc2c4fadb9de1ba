"""The `channels` and `intervals` sections: who is told, and how often each look is taken."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import fields
from functools import partial

from nrguard.config.address import ADDRESS_KEYS, read_address
from nrguard.config.problems import Problems, Wrong
from nrguard.config.scalars import duration, name, severity, text, word
from nrguard.config.section import Section, attempt, entries, leaf
from nrguard.config.tree import Node, Scalar
from nrguard.model import Severity
from nrguard.policy import Channel, Escalation, Intervals, Quiet

KEYS = (*ADDRESS_KEYS, "from", "quiet", "escalate")
ESCALATE_KEYS = ("to", "after")
INTERVAL_KEYS = tuple(field.name for field in fields(Intervals))
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S+")
_HOURS = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])")
_DAY = 86400.0


def read_channels(node: Node, problems: Problems) -> tuple[Channel, ...]:
    """Return the channels in the order of the file."""
    found = entries(node)
    labels = [key.text for key, _ in found]
    read = [attempt(partial(_channel, key, labels), value, None, problems) for key, value in found]
    return tuple(channel for channel in read if channel is not None)


def _channel(key: Scalar, labels: Collection[str], node: Node, problems: Problems) -> Channel:
    label = attempt(leaf(name), key, "", problems)
    if isinstance(node, Scalar):
        raise Wrong(
            node, "keys with values are wanted here", f"{label or 'phone'}: {{url_file: /etc/nrguard/phone.url}}"
        )
    section = Section.open(node, KEYS, problems, at=key)
    others = [each for each in labels if each != key.text]
    return Channel(
        label=label,
        **read_address(section, key, "the channel", _url),
        least=section.read("from", severity, Severity.WARNING),
        quiet=section.read("quiet", _quiet, None),
        escalate=section.part("escalate", partial(_escalation, others), None),
    )


def _url(node: Node) -> str:
    """Read an Apprise URL; it is a secret, so it is never shown."""
    found = text(node)
    if not _URL.fullmatch(found):
        raise Wrong(node, "this is no Apprise URL", "it begins with the service and '://', and has no spaces")
    return found


def _quiet(node: Node) -> Quiet:
    found = _HOURS.fullmatch(text(node))
    if not found or found[1] + found[2] == found[3] + found[4]:
        raise Wrong(node, "these are no hours of a day", 'from and to, local time: "22:00-07:00"')
    return Quiet(int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4]))


def _escalation(others: Collection[str], node: Node, problems: Problems) -> Escalation:
    if not others:
        raise Wrong(node, "there is no other channel", "name a second one under `channels:` first")
    section = Section.open(node, ESCALATE_KEYS, problems)
    return Escalation(
        to=section.read("to", word(others), "", required=True),
        after=section.read("after", duration(60, _DAY), 900.0),
    )


def read_intervals(node: Node, problems: Problems) -> Intervals:
    """Return the intervals, from a second to 30 days each."""
    section = Section.open(node, INTERVAL_KEYS, problems)
    read = duration(1, 30 * _DAY)
    usual = Intervals()
    return Intervals(
        content=section.read("content", read, usual.content),
        port=section.read("port", read, usual.port),
        wire=section.read("wire", read, usual.wire),
        certificate=section.read("certificate", read, usual.certificate),
    )
