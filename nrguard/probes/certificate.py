"""The probe for certificates: which files and which served certificate a child looks at. Pure."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from posixpath import dirname

from nrguard.certificates import Certificates
from nrguard.model import Blind, SettingState, Wire
from nrguard.policy import ServiceKind
from nrguard.probes import Probe
from nrguard.probes.child import answer, command
from nrguard.seen import Disk, Process, Seen

_RELATIVE = re.compile(r"[\w@%+=,~.-][\w@%+=,~. /-]*[./][\w@%+=,~. -]+")  # has a slash or an ending, as paths do


@dataclass(frozen=True, slots=True)
class Request:
    """What the child is asked. Paths are as settings.js has them; "" for none. `uid` -1: whoever owns the folder."""

    folder: str
    key: str
    cert: str
    working_directory: str
    unit: str
    pid: int
    uid: int
    served: bytes  # DER


def paths(seen: Seen) -> tuple[str, str]:
    """Return where settings.js reads its key and its certificate from; "" where it does not say."""
    setting = seen.disk.reading.settings.get("https") if isinstance(seen.disk, Disk) else None
    view = setting.value if setting is not None and setting.state is SettingState.KNOWN else None
    return (_path(view.get("key")), _path(view.get("cert"))) if isinstance(view, dict) else ("", "")


def _path(told: object) -> str:
    """Return `told` where it is a path: the reader also says "inline", or in words what a path depends on."""
    if not isinstance(told, str) or told.startswith(("environment variable ", "require(", "process.")):
        return ""
    return told if told.startswith(("/", "__dirname")) or _RELATIVE.fullmatch(told) else ""


def _served(seen: Seen) -> bytes:
    return seen.wire.certificate if isinstance(seen.wire, Wire) else b""


def _about(seen: Seen) -> str:
    """Name the files; and, on a second line, the served certificate: while that is unknown, the last one that was."""
    served, last = _served(seen), seen.parts.get("certificate")
    digest = hashlib.sha256(served).hexdigest() if served else ""
    if not served and isinstance(last, Certificates) and last.served is not None:
        digest = last.served.fingerprint
    return " ".join(paths(seen)) + "\n" + digest


def _command(seen: Seen) -> tuple[str, ...] | None:
    process = seen.process if isinstance(seen.process, Process) else None
    if seen.wire is None and process is not None and process.listeners:
        return None  # the stranger is on its way: one look instead of two
    key, cert = paths(seen)
    served = _served(seen)
    if not (key or cert or served):
        return None
    instance = seen.instance
    listener = process.listeners[0] if process is not None and process.listeners else None
    request = Request(
        folder=dirname(instance.settings),
        key=key,
        cert=cert,
        working_directory=instance.working_directory,
        unit=instance.service.unit if instance.service.kind is ServiceKind.SYSTEMD else "",
        pid=listener.pid if listener is not None else 0,
        uid=listener.uid if listener is not None else -1,
        served=served,
    )
    return command("certificate", request, light=False)


def _parse(output: bytes) -> Certificates | Blind:
    return answer(Certificates, output, "the certificates")


PROBE = Probe("certificate", lambda intervals: intervals.certificate, _about, _command, _parse)
