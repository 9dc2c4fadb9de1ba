"""What `apply` writes: the policy's wanted settings as JavaScript source, and which of them stand already. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from nrguard.model import PROTECTABLE, Reading, SettingState, View
from nrguard.policy import Login, Tls, User, Want

GENERATE = "generate"


@dataclass(slots=True)
class Passwords:
    """Makes the passwords that the policy leaves to nrguard: one for each user of the editor, one for each of the rest.

    `make` returns a fresh password and its bcrypt hash. `made` holds (what for, user, password), for the owner's eyes.
    """

    make: Callable[[], tuple[str, str]]
    made: list[tuple[str, str, str]] = field(default_factory=list)
    _hashes: dict[tuple[str, str], str] = field(default_factory=dict)

    def hash_for(self, purpose: str, user: str, wanted: str) -> str:
        """Return the hash to write: the wanted one, or that of a password made for this user."""
        if wanted != GENERATE:
            return wanted
        if (purpose, user) not in self._hashes:
            password, self._hashes[purpose, user] = self.make()
            self.made.append((purpose, user, password))
        return self._hashes[purpose, user]


def standing(want: Want, reading: Reading) -> frozenset[str]:
    """Return the settings with a login to be generated that stand already, so that no new password is needed.

    HTTP endpoints and static files share one login where the policy gives both the same user, since Node-RED asks for
    both where static files lie at its root (node-red-facts.md, 2.1 e3): then both must stand, or neither counts.
    """
    weak = {weakness.setting for weakness in reading.weaknesses}
    found = {name for name, view in _generated(want).items() if name not in weak and _stands(reading, name, view)}
    both = {"httpNodeAuth", "httpStaticAuth"}
    shared = want.httpNodeAuth and want.httpStaticAuth and want.httpNodeAuth.user == want.httpStaticAuth.user
    if shared and both <= _generated(want).keys() and not both <= found:
        found -= both
    return frozenset(found)


def sources(want: Want, passwords: Passwords, leave: frozenset[str]) -> Mapping[str, str]:
    """Return the wanted settings as JavaScript source, by name, in the order in which people are told about them."""
    made: dict[str, str] = {}
    for name in PROTECTABLE:
        value = getattr(want, name)
        if value is not None and name not in leave:
            made[name] = _source(value, passwords)
    return made


def _generated(want: Want) -> dict[str, Callable[[View], bool]]:
    """Return the settings with a login to be generated, each with what its view must be like to stand."""
    found: dict[str, Callable[[View], bool]] = {}
    users = want.adminAuth
    if users and any(user.password == GENERATE for user in users):
        names = [user.username for user in users]
        found["adminAuth"] = lambda view: isinstance(view, dict) and view.get("usernames") == names
    for name in ("httpNodeAuth", "httpStaticAuth"):
        login: Login | None = getattr(want, name)
        if login is not None and login.pass_ == GENERATE:
            found[name] = _has_user(login.user)
    return found


def _has_user(user: str) -> Callable[[View], bool]:
    return lambda view: isinstance(view, dict) and view.get("user") == user


def _stands(reading: Reading, name: str, view: Callable[[View], bool]) -> bool:
    setting = reading.settings.get(name)
    return setting is not None and setting.state is SettingState.KNOWN and view(setting.value)


def _source(value: object, passwords: Passwords) -> str:
    match value:
        case tuple():
            return _admin_auth(value, passwords)
        case Login(user, wanted):
            hashed = passwords.hash_for("endpoints", user, wanted)
            return f"{{ user: {_text(user)}, pass: {_text(hashed)} }}"
        case Tls(key, cert):
            read = 'require("fs").readFileSync'
            return f"{{\n    key: {read}({_text(key)}),\n    cert: {read}({_text(cert)})\n}}"
        case _:
            return json.dumps(value)


def _admin_auth(users: tuple[User, ...], passwords: Passwords) -> str:
    entries = [
        "{\n"
        f"        username: {_text(user.username)},\n"
        f"        password: {_text(passwords.hash_for('editor', user.username, user.password))},\n"
        f"        permissions: {_permissions(user.permissions)}\n"
        "    }"
        for user in users
    ]
    return f'{{\n    type: "credentials",\n    users: [{", ".join(entries)}]\n}}'


def _permissions(permissions: str | tuple[str, ...]) -> str:
    return _text(permissions) if isinstance(permissions, str) else json.dumps(list(permissions))


def _text(text: str) -> str:
    return json.dumps(text)  # ASCII with escapes: a string literal that JavaScript reads alike
