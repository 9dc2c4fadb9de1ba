"""Send one message through one Apprise service and say what became of it. Imports Apprise: only the child does."""

from __future__ import annotations

import logging

from apprise import Apprise, AppriseResult, AppriseResultStatus, NotifyBase, NotifyFormat, NotifyType

from nrguard.deliver import Outcome
from nrguard.deliver.reasons import reason

logging.getLogger("apprise").setLevel(logging.DEBUG)  # only there stands why a connection failed

_KINDS = {"critical": NotifyType.FAILURE, "warning": NotifyType.WARNING, "note": NotifyType.INFO}


def send(service: NotifyBase, title: str, body: str, severity: str, seconds: float) -> tuple[Outcome, str]:
    """Return what became of the message after at most `seconds`; a hanging connection is left to die with the process.

    The text is passed on as plain text: services that speak HTML or Markdown get it escaped.
    """
    apprise = Apprise()
    apprise.add(service)
    result = apprise.notify(
        body=body,
        title=title,
        notify_type=_KINDS.get(severity, NotifyType.WARNING),
        body_format=NotifyFormat.TEXT.value,
        timeout=seconds,
        log_level=logging.DEBUG,
    )
    return _judged(result, seconds)


def _judged(result: AppriseResult, seconds: float) -> tuple[Outcome, str]:
    match result.status:
        case AppriseResultStatus.SUCCESS:
            return Outcome.DELIVERED, ""
        case AppriseResultStatus.TIMEOUT:
            return Outcome.TRANSIENT, f"no answer within {seconds:.0f} s"
        case AppriseResultStatus.NOMATCH:
            return Outcome.PERMANENT, "no service took the message"
        case AppriseResultStatus.FAILURE | AppriseResultStatus.PARTIAL:
            return reason(entry.message for entry in result.logs())
