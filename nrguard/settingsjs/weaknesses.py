"""Credentials that are there and protect badly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from nrguard.model import Reading, Setting, Severity, Weakness
from nrguard.settingsjs.credentials import LEAST_COST, stored
from nrguard.settingsjs.grades import permissions
from nrguard.settingsjs.meaning.values import UNDEFINED, Func, Obj, Sym, Value
from nrguard.settingsjs.views import BASIC, member, user_entries


@dataclass(frozen=True, slots=True)
class _Login:
    """One user and password, and where they stand."""

    setting: str
    who: str
    user: Value
    password: Value


def find_weaknesses(values: Mapping[str, Value], settings: Mapping[str, Setting]) -> tuple[Weakness, ...]:
    """Return every weakness, worst first."""
    found: list[Weakness] = []
    logins: list[_Login] = []
    admin = values.get("adminAuth")
    if isinstance(admin, Obj):
        logins += _admin_logins(admin)
        found += _admin(admin, _line(settings, "adminAuth"))
    for name in BASIC:
        value = values.get(name)
        if isinstance(value, Obj) and value.items is None:
            logins.append(_Login(name, f"{name}", member(value, "user"), member(value, "pass")))
    for login in logins:
        found += _password(login, _line(settings, login.setting))
    found += _shared(logins, settings)
    secret = values.get("credentialSecret")
    if secret == "a-secret-key":  # noqa: S105 - the stock file's sample
        found.append(_weak("credentialSecret", "sample-secret", 2, "the sample of Node-RED's stock file", settings))
    elif secret is False:
        found.append(_weak("credentialSecret", "no-encryption", 1, "credentials are stored unencrypted", settings))
    return tuple(sorted(dict.fromkeys(found), key=lambda weak: -weak.severity))


def weaknesses(reading: Reading, node_red_major: int | None = None) -> tuple[Weakness, ...]:
    """Return the weaknesses that count on that Node-RED: 2 and 3 refuse `$2y$`, and Node-RED 4 and 5 take it."""
    if node_red_major is None or node_red_major in (2, 3):
        return reading.weaknesses
    return tuple(weak for weak in reading.weaknesses if weak.kind != "bcrypt-2y")


def _line(settings: Mapping[str, Setting], name: str) -> int:
    setting = settings.get(name)
    return setting.line if setting else 0


def _weak(setting: str, kind: str, severity: int, what: str, settings: Mapping[str, Setting]) -> Weakness:
    return Weakness(setting, kind, Severity(severity), what, _line(settings, setting))


def _admin_logins(admin: Obj) -> Iterator[_Login]:
    for index, entry in enumerate(user_entries(admin), 1):
        if isinstance(entry, Obj):
            name = member(entry, "username")
            who = f"user {name[:60]}" if isinstance(name, str) else f"user number {index}"
            yield _Login("adminAuth", who, name, member(entry, "password"))


def _admin(admin: Obj, line: int) -> Iterator[Weakness]:
    kind, users = member(admin, "type"), member(admin, "users")
    if kind == "credentials" and isinstance(users, Obj) and not user_entries(admin):
        yield Weakness("adminAuth", "no-users", Severity.WARNING, "users is empty: nobody can log in", line)
    yield from _default_user(member(admin, "default"), line)
    tokens = member(admin, "tokens")
    if isinstance(tokens, Obj) and tokens.items is not None:
        yield Weakness("adminAuth", "static-tokens", Severity.CRITICAL, "tokens is a list: no login is needed", line)
    entries = [entry for entry in user_entries(admin) if isinstance(entry, Obj)]
    if len(entries) > 1 and all("*" in permissions(member(entry, "permissions")) for entry in entries):
        yield Weakness("adminAuth", "everybody-admin", Severity.NOTE, 'every user has permissions "*"', line)


def _default_user(default: Value, line: int) -> Iterator[Weakness]:
    if isinstance(default, (Func, Sym)):
        yield Weakness("adminAuth", "default-function", Severity.WARNING, "code decides what strangers may do", line)
    if not isinstance(default, Obj):
        return
    granted = permissions(member(default, "permissions"))
    if "*" in granted:
        yield Weakness("adminAuth", "default-all", Severity.CRITICAL, "strangers are administrators", line)
    elif granted:
        yield Weakness("adminAuth", "default-read", Severity.WARNING, "strangers may read without a login", line)


def _password(login: _Login, line: int) -> Iterator[Weakness]:
    password, who, setting = login.password, login.who, login.setting
    if isinstance(password, Sym):
        return
    if not isinstance(password, str):
        missing = password is None or password is UNDEFINED
        what = f"{who} has no password" if missing else f"the password of {who} is no text"
        yield Weakness(setting, "no-password" if missing else "malformed", Severity.CRITICAL, what, line)
        return
    found = stored(password)
    match found.kind:
        case "md5":
            yield Weakness(setting, "md5", Severity.CRITICAL, f"the password of {who} is stored as MD5", line)
        case "plain-text":
            yield Weakness(setting, "plain-text", Severity.CRITICAL, f"the password of {who} is no hash", line)
        case "malformed":
            yield Weakness(setting, "malformed", Severity.WARNING, f"the hash of {who} is malformed", line)
        case "none":
            yield Weakness(setting, "no-password", Severity.CRITICAL, f"{who} has an empty password", line)
        case _:
            yield from _bcrypt(login, line)
    if found.sample:
        yield Weakness(setting, "sample-hash", Severity.CRITICAL, f"the password of {who} is a published sample", line)


def _bcrypt(login: _Login, line: int) -> Iterator[Weakness]:
    found = stored(str(login.password))
    if found.cost < LEAST_COST:
        what = f"the hash of {login.who} has cost {found.cost}, less than {LEAST_COST}"
        yield Weakness(login.setting, "low-cost", Severity.WARNING, what, line)
    if found.variant == "y":
        what = f"the hash of {login.who} is $2y$, which Node-RED 2 and 3 refuse"
        yield Weakness(login.setting, "bcrypt-2y", Severity.NOTE, what, line)


def _shared(logins: list[_Login], settings: Mapping[str, Setting]) -> Iterator[Weakness]:
    """Find logins that the editor and the HTTP endpoints share."""
    admins = [login for login in logins if login.setting == "adminAuth"]
    for login in logins:
        if login.setting == "adminAuth":
            continue
        if any(isinstance(login.password, str) and login.password == admin.password for admin in admins):
            yield _weak(login.setting, "shared-hash", 1, "the same hash as a user of the editor", settings)
        elif any(isinstance(login.user, str) and login.user == admin.user for admin in admins):
            yield _weak(login.setting, "shared-user", 0, "the same user name as one of the editor", settings)
