"""Why a message did not arrive, in words of our own. Pure.

Apprise tells a reason only in its log, and its log holds addresses and tokens. So nothing of the log is ever passed on:
it is searched for a few known signs, each with a fixed sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from nrguard.deliver import Outcome

_HTTP = re.compile(r"\berror=(\d{3})\d{0,2}\b")  # ntfy refines 401 to 40101
_SMTP = re.compile(r"\((\d{3}), b['\"]")
_HTTP_WORDS = {
    301: "the server sends elsewhere",
    302: "the server sends elsewhere",
    400: "the server does not accept the message",
    401: "the server refuses the login or token",
    403: "the server forbids it",
    404: "the server does not know this address",
    407: "a proxy wants a login",
    410: "this address is gone for good",
    413: "the server finds the message too long",
    429: "the server asks for fewer messages",
}
_HTTP_PERMANENT = frozenset({400, 401, 403, 404, 405, 410, 413, 422})
_SMTP_LOGIN = frozenset({530, 534, 535, 538})
# (what the log says, what we say); none of these proves that a later try fails too: clocks and networks recover
_SIGNS = (
    ("certificate verify failed", "its TLS certificate is not trusted"),
    ("WRONG_VERSION_NUMBER", "it does not speak TLS"),
    ("Connection refused", "the connection is refused"),
    ("Name or service not known", "its host name is unknown"),
    ("No address associated with hostname", "its host name is unknown"),
    ("Temporary failure in name resolution", "no name server answers"),
    ("Network is unreachable", "the network is unreachable"),
    ("No route to host", "the host is unreachable"),
    ("timed out", "no answer in time"),
    ("Connection reset", "the connection broke off"),
    ("Remote end closed", "the connection broke off"),
    ("Connection aborted", "the connection broke off"),
)


def reason(log: Iterable[str]) -> tuple[Outcome, str]:
    """Return whether another try is worth it, and why the message did not arrive, from what Apprise logged."""
    text = "\n".join(log)
    if found := _HTTP.search(text):
        return _http(int(found[1]))
    if found := _SMTP.search(text):
        return _smtp(int(found[1]))
    for sign, words in _SIGNS:
        if sign in text:
            return Outcome.TRANSIENT, words
    return Outcome.TRANSIENT, "not accepted, for no reason that is known"


def _http(status: int) -> tuple[Outcome, str]:
    words = _HTTP_WORDS.get(status, "the server has trouble" if status >= 500 else "the server does not accept it")
    outcome = Outcome.PERMANENT if status in _HTTP_PERMANENT else Outcome.TRANSIENT
    return outcome, f"{words} ({status})"


def _smtp(status: int) -> tuple[Outcome, str]:
    if status in _SMTP_LOGIN:
        return Outcome.PERMANENT, f"the mail server refuses the login ({status})"
    if status >= 500:
        return Outcome.PERMANENT, f"the mail server refuses the message ({status})"
    return Outcome.TRANSIENT, f"the mail server asks to try later ({status})"
