"""Does the login of the running Node-RED still tell a wrong password from a right one?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nrguard.checks import check
from nrguard.escape import visible
from nrguard.model import Severity
from nrguard.probes.attempt import Tried
from nrguard.seen import Finding, Remedy, Seen

_REFUSED = 403


@dataclass(frozen=True, slots=True)
class AnyPasswordRule:
    severity: Severity = Severity.CRITICAL


@check("any_password", rule=AnyPasswordRule)
def any_password(seen: Seen, rule: AnyPasswordRule) -> Iterator[Finding]:
    """Node-RED let a wrong password in: code in it has been changed.

    A node, a module or a changed file of Node-RED itself can make every password right, with a settings.js that is as
    it should be. Only where the policy says `probe_login: true`, nrguard tries one wrong password after each start and
    at most once a day: Node-RED locks a name after five of them in ten minutes.
    """
    part = seen.parts.get("attempt")
    if not isinstance(part, Tried) or part.status == _REFUSED:
        return
    name = visible(part.user, limit=40)
    if part.token:
        yield Finding(
            "any_password", "login", rule.severity,
            saw=f"a wrong password for {name} was let in", want="a login that refuses wrong passwords",
            remedy=Remedy.OWNER, hint="look for new nodes and modules, install Node-RED anew, and restart it",
        )  # fmt: skip
        return
    yield Finding(
        "any_password", "login", Severity.NOTE,
        saw=f"the wrong password for {name} could not be tried: {part.error or f'status {part.status}'}",
        want="a refusal (403)", remedy=Remedy.OWNER,
    )  # fmt: skip
