"""What a row of the attack table is: an attack on one secured Node-RED as data, and what must come of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

PORT = 18880

ANNA, OTTO = ("anna", "anna's own"), ("otto", "otto's own")
INTRUDER = ("mallory", "intruder")
HASHES = {
    "anna": "$2b$08$gyWZtiE8a/uVvTDZziD6te5Hk.39e4DbVN/GiHHj3Et9HU.TLxcuO",
    "otto": "$2b$08$1Bz6S5xnOR4azDcITcexSOP7Jg0G6oojXBxcQ5y1c5ZeszUj/OK0.",
    "house": "$2b$08$r2gxrXRBhyi60W6mTbfY.u5tZ4QGTeAki8yxojvXRE5flHnDj9iuu",
    "files": "$2b$08$wuDmzki43Nlk1hx20hh0/.Ev8vtH3zRncQ3Rf7NVJSIgi5Ce/esce",
    "mallory": "$2b$08$WuYe1diQQ96cALDTZrCqsuiQSfj.pIRaDTm.r7MUzKMMYjNYfwk32",
}


def user(name: str, permissions: str = "*", password: str = "") -> str:
    return f'{{username: "{name}", password: "{password or HASHES[name]}", permissions: "{permissions}"}}'


def admin(*users: str, more: str = "") -> str:
    """Return the source of an adminAuth with these users and `more` members."""
    return f'{{type: "credentials", {more}users: [{", ".join(users)}]}}'


def basic(name: str, password: str = "") -> str:
    return f'{{user: "{name}", pass: "{password or HASHES[name]}"}}'


USERS = (user("anna"), user("otto", "read"))
SECURED: Mapping[str, str] = {
    "flowFile": '"flows.json"',
    "uiPort": str(PORT),
    "uiHost": '"127.0.0.1"',
    "adminAuth": admin(*USERS),
    "httpNodeRoot": '"/api/"',
    "httpNodeAuth": basic("house"),
    "httpStatic": '[{path: __dirname + "/public", root: "/files/"}]',
    "httpStaticAuth": basic("files"),
    "credentialSecret": '"a long phrase that nobody guesses"',
    "logging": '{console: {level: "info"}}',
}
"""The settings.js that the owner accepted, by member."""

TLS: Mapping[str, str] = {
    "https": '{key: require("fs").readFileSync(__dirname + "/key.pem"), '
    'cert: require("fs").readFileSync(__dirname + "/cert.pem")}',
    "requireHttps": "true",
}
"""What it has besides where the row says `tls`."""


@dataclass(frozen=True, slots=True)
class File:
    """Write a file. Paths count from the user directory; @HOME@ and @AWAY@ in a text stand for real folders."""

    path: str
    text: str
    mode: int = 0o644


@dataclass(frozen=True, slots=True)
class Gone:
    path: str


@dataclass(frozen=True, slots=True)
class Link:
    path: str
    to: str
    hard: bool = False


@dataclass(frozen=True, slots=True)
class Moved:
    path: str
    to: str


@dataclass(frozen=True, slots=True)
class Fifo:
    path: str


@dataclass(frozen=True, slots=True)
class Mode:
    path: str
    mode: int


Step = File | Gone | Link | Moved | Fifo | Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One attack. `open` names what a stranger or the intruder then gets; `found` the checks that may name the cause.

    `open`: "read" and "write" flows without a login, "endpoints", "static", "plain" HTTP where HTTPS was accepted,
    "network" (reachable from other computers), "lan" (flows without a login, from there alone), "login" (of the
    intruder), "token" (that should not work), "route" (of the intruder's own); "down" where nothing runs; () where all
    stays closed. `differs` says it for versions that do otherwise. At least one finding of `found` has to be there; ()
    means that nrguard does not find it, or, where the row is `harmless`, that there is nothing to find.
    """

    id: str
    does: str
    open: tuple[str, ...] = ()
    found: tuple[str, ...] = ()
    harmless: bool = False
    differs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    tls: bool = False
    settings: Mapping[str, str | None] = field(default_factory=dict)  # members that change; None: that go
    before: str = ""  # code before the exported object
    after: str = ""
    text: str | None = None  # of the whole file instead
    steps: tuple[Step, ...] = ()
    options: tuple[str, ...] = ()  # of Node-RED's command line, written into the unit's environment file
    environment: Mapping[str, str] = field(default_factory=dict)  # written there, too
    live: bool = False  # done to a running Node-RED, which is not restarted
    put_back: bool = False  # once Node-RED has started from it, the intruder puts all back as it was
    held: str = ""  # a user who was logged in before, and whose token is tried afterwards

    port: int = PORT  # where Node-RED listens afterwards
    root: str = ""  # of its admin API
    login: tuple[str, str] = ("", "")  # that the intruder tries
    token: str = ""  # that the intruder tries
    route: str = ""  # that the intruder has added

    def opens(self, version: str) -> frozenset[str]:
        return frozenset(self.differs.get(version.partition(".")[0], self.open))


def settings_js(row: Row, *, attacked: bool) -> str:
    """Return the settings.js of a row as the owner accepted it, or as it is after the attack."""
    members: dict[str, str | None] = {**SECURED, **(TLS if row.tls else {})}
    if not attacked:
        row = replace(row, settings={}, before="", after="", text=None)
    if row.text is not None:
        return row.text
    live = {name: source for name, source in {**members, **row.settings}.items() if source is not None}
    body = ",\n".join(f"    {name}: {source}" for name, source in live.items())
    return f"{row.before}module.exports = {{\n{body}\n}}\n{row.after}"
