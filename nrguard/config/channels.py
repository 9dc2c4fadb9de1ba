"""The `channels` and `intervals` sections: who is told, and how often each look is taken."""

from __future__ import annotations

import re
from dataclasses import fields
from functools import partial

from nrguard.config.problems import Problems, Wrong
from nrguard.config.scalars import duration, name, path, severity, text
from nrguard.config.section import Section, attempt, entries, leaf
from nrguard.config.tree import Node, Scalar
from nrguard.model import Severity
from nrguard.policy import Channel, Intervals

ADDRESS_KEYS = ("url", "url_file", "url_env")
KEYS = (*ADDRESS_KEYS, "from")
INTERVAL_KEYS = tuple(field.name for field in fields(Intervals))
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S+")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DAY = 86400.0


def read_channels(node: Node, problems: Problems) -> tuple[Channel, ...]:
    """Return the channels in the order of the file."""
    read = [attempt(partial(_channel, key), value, None, problems) for key, value in entries(node)]
    return tuple(channel for channel in read if channel is not None)


def _channel(key: Scalar, node: Node, problems: Problems) -> Channel:
    label = attempt(leaf(name), key, "", problems)
    if isinstance(node, Scalar):
        raise Wrong(
            node, "keys with values are wanted here", f"{label or 'phone'}: {{url_file: /etc/nrguard/phone.url}}"
        )
    section = Section.open(node, KEYS, problems, at=key)
    given = [address for address in ADDRESS_KEYS if address in section.found]
    if len(given) != 1:
        what = f"the channel has {' and '.join(given)}" if given else "the channel has no address"
        raise Wrong(key, what, "exactly one of url, url_file and url_env")
    return Channel(
        label=label,
        url=section.read("url", _url, ""),
        url_file=section.read("url_file", path, ""),
        url_env=section.read("url_env", _variable, ""),
        least=section.read("from", severity, Severity.WARNING),
    )


def _url(node: Node) -> str:
    """Read an Apprise URL; it is a secret, so it is never shown."""
    found = text(node)
    if not _URL.fullmatch(found):
        raise Wrong(node, "this is no Apprise URL", "it begins with the service and '://', and has no spaces")
    return found


def _variable(node: Node) -> str:
    found = text(node)
    if not _VARIABLE.fullmatch(found):
        raise Wrong(node, "this is no name of an environment variable", "such as NRGUARD_PHONE_URL")
    return found


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
