"""What the stranger is asked to do, and what it brings back: requests and raw answers as values. Pure."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import nrguard
from nrguard.codec import to_json
from nrguard.model import Blind

# No site packages and no environment: half of a look is the start of the child.
_START = "import sys; sys.path.append(sys.argv.pop(1)); from nrguard.stranger.__main__ import main; main()"
_EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - recognised, not bound to


@dataclass(frozen=True, slots=True)
class Request:
    """What a stranger is sent to look at.

    `kind` is "look", or "await": wait until the admin API answers, at most `deadline` seconds, then look. Roots are as
    settings.js has them, with or without slashes. `static_roots` are the roots of httpStatic: () only where it is
    known that there is none, because static content at "/" can't be told from HTTP-in nodes by an unknown path.
    `node_root` is "" where HTTP-in nodes are not to be asked for. `known` are paths of such nodes that answer GET;
    "await" does not ask for them, since they come some milliseconds after the admin API.
    """

    address: str
    port: int
    kind: str = "look"
    admin_root: str = "/"
    node_root: str = "/"
    static_roots: tuple[str, ...] = ("/",)
    known: tuple[str, ...] = ()
    dashboards: tuple[str, ...] = ("ui", "dashboard")  # where the two generations are, under the nodes' root
    timeout: float = 5.0  # seconds for one look
    deadline: float = 0.0


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question and its answer. A status of 0 is no HTTP answer, and `error` says why."""

    ask: str  # "settings", "flows", "front", "login", "about", "nowhere", "known", "dashboard", "comms", "handshake"
    path: str
    through: bool = False  # asked again as if a TLS proxy had brought it
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)  # only those that tell something, names in lower case
    body: str = ""  # its beginning
    error: str = ""
    under: str = ""  # the root that was asked about


@dataclass(frozen=True, slots=True)
class Gathered:
    """Everything that one look brought back. `tls` is None where not even a connection was made."""

    address: str
    port: int
    tls: bool | None
    certificate: bytes
    exchanges: tuple[Exchange, ...]
    node_root: str  # that was asked about: the server's own word for it, where it gave one
    static_roots: tuple[str, ...]
    error: str


def command(request: Request) -> tuple[str, ...]:
    """Return the argument list of a child process that carries `request` out and prints what it gathered."""
    home = nrguard.__path__[0].rpartition("/")[0]
    return (sys.executable, "-I", "-S", "-c", _START, home, json.dumps(to_json(plain(request))))


def plain(request: Request) -> Request:
    """Return `request` as the stranger takes it: an address that can be reached, roots with a slash at both ends."""
    return replace(
        request,
        address=_EVERY_ADDRESS.get(request.address, request.address),
        admin_root=folder(request.admin_root),
        node_root=folder(request.node_root) if request.node_root else "",
        static_roots=tuple(map(folder, request.static_roots)),
        dashboards=tuple(name.strip("/") for name in request.dashboards),
    )


def folder(root: str) -> str:
    """Return a root as Node-RED mounts it: with a slash at both ends."""
    return f"/{root.removeprefix('/').removesuffix('/')}/".replace("//", "/")


def last_line(output: bytes) -> Mapping[str, object] | Blind:
    """Return the last thing that the child said; progress comes before it."""
    lines = output.splitlines()
    if not lines:
        return Blind("the look over the network ended without an answer")
    try:
        said = json.loads(lines[-1])
    except (ValueError, RecursionError):
        return Blind("the look over the network gave no readable answer")
    return said if isinstance(said, dict) else Blind("the look over the network gave no readable answer")
