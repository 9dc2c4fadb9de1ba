"""Until when are the certificates valid?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nrguard.certificates import Certificate, Certificates, certificates_of, day, span
from nrguard.checks import check
from nrguard.model import Severity
from nrguard.seen import Finding, Remedy, Seen

DAY = 86400.0
_SKEW = 300.0  # seconds by which a clock that is right may still be behind the one of an authority


@dataclass(frozen=True, slots=True)
class ExpiryRule:
    """Ceilings for certificates that live long; others are judged by a third and a sixth of their lifetime."""

    warning_days: int = 30
    critical_days: int = 15
    trust_clock: bool = False  # judge dates although nothing vouches for this computer's clock


@check("expiry", rule=ExpiryRule)
def expiry(seen: Seen, rule: ExpiryRule) -> Iterator[Finding]:
    """A certificate has ended, is about to end, or is not valid yet.

    Judged by what is left of its lifetime: a warning at a third, critical at a sixth, so that one of six days and one
    of ten years are both told in time; `warning_days` and `critical_days` are the most that these come to. The warning
    comes up to a day after the third, since programs that renew begin just there. Nothing is said about dates before
    this computer's clock is known to be right (a Raspberry Pi has none that runs while it is off), unless `trust_clock`
    is on. An intermediate certificate that has ended breaks the chain; an old root in the file is only a note.
    """
    part = certificates_of(seen)
    if part is None:
        return
    believed = seen.clock.right or rule.trust_clock
    for subject, one in _judged(part):
        what = f"the certificate {'served' if subject == 'served' else 'on disk'}"
        verdict = _verdict(one, seen.now, rule) if believed else _surely(one, seen.clock.floor)
        if verdict:
            severity, how = verdict
            yield Finding(
                "expiry", subject, severity,
                saw=f"{what} {how}", want="a certificate that is valid for a while", remedy=Remedy.OWNER,
                hint=_hint(part, one), evidence=(f"valid from {day(one.begins)} to {day(one.ends)}",),
            )  # fmt: skip
    if believed:
        yield from _chain(part, seen.now)
    elif part.leaf or part.served:
        yield _not_judged(part, seen)


def _judged(part: Certificates) -> Iterator[tuple[str, Certificate]]:
    """Yield the certificate served, and the one on disk where it is another."""
    if part.served is not None:
        yield "served", part.served
    if part.leaf is not None and (part.served is None or part.leaf.fingerprint != part.served.fingerprint):
        yield "file", part.leaf


def _verdict(one: Certificate, now: float, rule: ExpiryRule) -> tuple[Severity, str] | None:
    left = one.ends - now
    if left <= 0:
        return Severity.CRITICAL, f"ended on {day(one.ends)}"
    if one.begins > now + _SKEW:
        return Severity.CRITICAL, f"is not valid before {day(one.begins)}"
    ends = f"ends on {day(one.ends)}, in {span(left)}"
    if left < min(one.lifetime / 6, rule.critical_days * DAY):
        return Severity.CRITICAL, ends
    renewing = min(one.lifetime / 90, DAY)  # renewal programs begin at a third, and run once or twice a day
    if left < min(one.lifetime / 3, rule.warning_days * DAY) - renewing:
        return Severity.WARNING, ends
    return None


def _surely(one: Certificate, floor: float) -> tuple[Severity, str] | None:
    """Judge by a moment that is surely past, whatever the clock says."""
    return (Severity.CRITICAL, f"ended on {day(one.ends)}") if 0 < one.ends <= floor else None


def _chain(part: Certificates, now: float) -> Iterator[Finding]:
    """Judge what follows the leaf in the file: clients need the intermediates, and have roots of their own."""
    for one in part.chain[1:]:
        if one.ends > now:
            continue
        root = one.self_signed
        yield Finding(
            "expiry", "root" if root else "intermediate", Severity.NOTE if root else Severity.WARNING,
            saw=f"{'a root' if root else 'an intermediate'} certificate in the file ended on {day(one.ends)}",
            want="a chain that is valid", remedy=Remedy.OWNER,
            hint="leave it out of the file" if root else "put the present chain of your authority into the file",
            evidence=(one.subject,),
        )  # fmt: skip


def _hint(part: Certificates, one: Certificate) -> str:
    newer = part.leaf is not None and part.leaf.ends > one.ends
    if newer:
        return "a newer one is on disk already: it has to be served"
    return "make a new one, then restart Node-RED" if one.self_signed else "renew it, then restart Node-RED"


def _not_judged(part: Certificates, seen: Seen) -> Finding:
    """Say that dates wait for the clock, and what speaks against it: authorities date no certificate ahead."""
    issued = [one.begins for one in (*part.chain, part.served) if one is not None and not one.self_signed]
    latest = max([seen.clock.floor, *issued])
    behind = seen.now + _SKEW < latest
    return Finding(
        "expiry", "clock", Severity.NOTE,
        saw=f"the dates of certificates are not judged: {seen.clock.why}", want="a clock that is known to be right",
        remedy=Remedy.OWNER, hint="switch a time service on, or set `trust_clock` if this computer keeps time itself",
        evidence=(f"the clock says {day(seen.now)}, and {day(latest)} is past",) if behind else (),
    )  # fmt: skip
