"""Are the logins in settings.js worth anything?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nrguard.checks import check
from nrguard.model import Blind, Severity, Weakness
from nrguard.seen import Finding, Remedy, Seen


@dataclass(frozen=True, slots=True)
class CredentialsRule:
    least: Severity = Severity.WARNING  # of the weaknesses that are told; lesser ones are notes


@check("credentials", rule=CredentialsRule)
def credentials(seen: Seen, rule: CredentialsRule) -> Iterator[Finding]:
    """A login is there and protects badly: the sample password, MD5, plain text, a shared password, nobody to log in.

    The hash in Node-RED's documentation is that of the word "password". Make another with `nrguard hash-pw`, put it
    into settings.js and run `nrguard accept`.
    """
    if isinstance(seen.disk, Blind):
        return
    for weakness in seen.disk.reading.weaknesses:
        yield Finding(
            "credentials", f"{weakness.setting}: {weakness.kind}",
            weakness.severity if weakness.severity >= rule.least else Severity.NOTE,
            saw=weakness.what, want="a password of its own, hashed with bcrypt", remedy=Remedy.OWNER,
            hint="make a hash with `nrguard hash-pw`, put it there, then run `nrguard accept`",
            evidence=(_place(seen.disk.path, weakness),) if weakness.line else (),
        )  # fmt: skip


def _place(path: str, weakness: Weakness) -> str:
    column = f":{weakness.column}" if weakness.column else ""
    return f"{path}:{weakness.line}{column}"
