"""The probe for all addresses at which the guarded Node-RED can be reached but the one always asked. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

from nrguard.codec import Malformed
from nrguard.escape import visible
from nrguard.model import Admin, Blind, Wire
from nrguard.probes import Probe
from nrguard.probes.agreement import believed
from nrguard.probes.child import command
from nrguard.probes.exchanges import Request, plain
from nrguard.probes.roots import roots
from nrguard.probes.wire import judge_exchanges
from nrguard.seen import Disk, Process, Seen

_LOOPBACK = {"0.0.0.0": ("127.0.0.1",), "::": ("::1", "127.0.0.1")}  # noqa: S104 - recognised, not bound to

_EACH, _LIMIT = 2.0, 40.0  # seconds for one look, and for all


@dataclass(frozen=True, slots=True)
class Errand:
    """What the child is sent for: `request` at each of `addresses`, and at the host's own where `families` says."""

    request: Request
    addresses: tuple[str, ...]
    families: tuple[int, ...]  # 4, 6


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses part. `left_out` is how many addresses a host with very many of them was not asked at."""

    wires: tuple[Wire, ...]
    left_out: int = 0


def elsewhere(seen: Seen) -> tuple[Wire, ...]:
    """Return what a stranger gets at the other addresses, as far as it is known."""
    part = seen.parts.get("addresses")
    return part.wires if isinstance(part, Addresses) else ()


def _about(seen: Seen) -> str:
    listeners = seen.process.listeners if isinstance(seen.process, Process) else ()
    return " ".join(f"{one.address} {one.inode}" for one in listeners)


def _command(seen: Seen) -> tuple[str, ...] | None:
    """Go only once it is known what the first address gives: before, Node-RED may still be starting."""
    if not isinstance(seen.process, Process) or not isinstance(seen.wire, Wire):
        return None
    if seen.wire.admin in (Admin.SILENT, Admin.STARTING):
        return None
    bound = [listener.address for listener in seen.process.listeners]
    others = [one for address in bound for one in _LOOPBACK.get(address, (address,)) if one != seen.wire.address]
    families = (4,) if "0.0.0.0" in bound else (4, 6) if "::" in bound else ()  # noqa: S104 - recognised
    if not others and not families:
        return None
    at = roots(seen.disk.reading.settings) if isinstance(seen.disk, Disk) else None
    request = Request("", seen.process.port, timeout=_EACH)
    if at is not None:
        request = replace(
            request, admin_root=at.admin, node_root=at.nodes, static_roots=at.static, dashboards=at.dashboards
        )
    return command("addresses", Errand(plain(request), tuple(dict.fromkeys(others)), families))


def _parse(output: bytes) -> Addresses | Blind:
    try:
        said = json.loads(output)
        pairs = [[judge_exchanges(raw) for raw in looks] for looks in said["looks"]]
        return Addresses(tuple(_agreed(pairs)), int(said["left_out"]))
    except Malformed as error:
        return Blind(f"the look at other addresses gave no readable answer: {visible(str(error), limit=80)}")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Blind("the look at other addresses ended without an answer")


def _agreed(pairs: list[list[Wire]]) -> Iterator[Wire]:
    """Yield what is believed of each address; one at which looks disagree is asked again next time."""
    for looks in pairs:
        wire = believed(looks)[0] if looks else None
        if isinstance(wire, Wire):
            yield wire


PROBE = Probe("addresses", lambda intervals: intervals.wire, _about, _command, _parse, limit=_LIMIT)
