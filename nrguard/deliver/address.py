"""The address of a channel, from wherever the policy says it is kept. An address is a secret: it is never shown."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nrguard.policy import Channel, Heartbeat

_SERVICE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,30}://")
_LIMIT = 8192  # bytes; the longest known address, with tokens, headers and several recipients, is far below


@dataclass(frozen=True, slots=True)
class Unusable:
    """Why a channel can't be used, without its address."""

    why: str


def address(channel: Channel | Heartbeat, environment: Mapping[str, str]) -> str | Unusable:
    """Return the URL of `channel`, or why there is none."""
    if channel.url_file:
        found = _from_file(channel.url_file)
    elif channel.credential:
        found = _from_credential(channel.credential, environment)
    elif channel.url_env:
        found = environment.get(channel.url_env) or Unusable(f"the variable {channel.url_env} is not set")
    else:
        found = channel.url
    return found if isinstance(found, Unusable) else _single(found.strip())


def _from_credential(name: str, environment: Mapping[str, str]) -> str | Unusable:
    """Return what systemd put into the unit's own folder of credentials (LoadCredential=, SetCredential=)."""
    folder = environment.get("CREDENTIALS_DIRECTORY")
    if not folder:
        return Unusable(f"the credential {name} is not there: only systemd gives one, to the unit that loads it")
    return _from_file(f"{folder}/{name}")


def _from_file(path: str) -> str | Unusable:
    try:
        with Path(path).open("rb") as file:
            data = file.read(_LIMIT + 1)
    except OSError as error:
        return Unusable(f"{path} can't be read: {os.strerror(error.errno or 0)}")
    try:
        return data.decode() if len(data) <= _LIMIT else Unusable(f"{path} is too long for an address")
    except UnicodeDecodeError:
        return Unusable(f"{path} is no text")


def _single(url: str) -> str | Unusable:
    if not url:
        return Unusable("there is no address")
    if any(char.isspace() for char in url):
        return Unusable("the address holds white space: give each address a channel of its own")
    if not _SERVICE.match(url):
        return Unusable("the address does not begin with a service, as ntfy:// does")
    return url
