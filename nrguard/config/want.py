"""The `want` section: what `nrguard apply` writes. Only bcrypt hashes and `generate` are taken for a password."""

from __future__ import annotations

import ipaddress
import posixpath
import re
from dataclasses import fields
from functools import partial

from nrguard.config.problems import Problems, Wrong, shown
from nrguard.config.scalars import boolean, integer, path, text
from nrguard.config.section import Section, attempt, each
from nrguard.config.tree import Items, Node, Scalar
from nrguard.passwords import COSTS, SAMPLE_HASH, bcrypt_cost
from nrguard.policy import Login, Tls, User, Want

KEYS = tuple(field.name for field in fields(Want))
USER_KEYS = ("username", "password", "permissions")
LOGIN_KEYS = ("user", "pass")
TLS_KEYS = ("key", "cert")
GENERATE = "generate"
SELF_SIGNED = "self-signed"
_PERMISSION = re.compile(r"\*|[A-Za-z*-]+(\.[A-Za-z*-]+)*")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*")
_HASH_HINT = "make a hash with `nrguard hash-pw`, or write generate"


def read_want(settings: str, node: Node, problems: Problems) -> Want:
    """Return the wanted settings; a self-signed key pair lies beside `settings`."""
    section = Section.open(node, KEYS, problems)
    return Want(
        adminAuth=section.part("adminAuth", _users, None),
        httpNodeAuth=section.part("httpNodeAuth", _login, None),
        httpStaticAuth=section.part("httpStaticAuth", _login, None),
        https=section.part("https", partial(_tls, posixpath.dirname(settings)), None),
        requireHttps=section.read("requireHttps", boolean, None),
        uiPort=section.read("uiPort", integer(1, 65535), None),
        uiHost=section.read("uiHost", _host, None),
    )


def _users(node: Node, problems: Problems) -> tuple[User, ...]:
    if not isinstance(node, Items) or not node.items:
        raise Wrong(node, "a list of users is wanted here", '- {username: admin, password: generate, permissions: "*"}')
    users: dict[str, User] = {}
    for item in node.items:
        user = attempt(_user, item, None, problems)
        if user is not None and users.setdefault(user.username, user) is not user:
            problems.add(item, "the username is taken by an earlier user", "Node-RED knows users by their names alone")
    return tuple(users.values())


def _user(node: Node, problems: Problems) -> User:
    section = Section.open(node, USER_KEYS, problems)
    return User(
        username=section.read("username", text, "", required=True),
        password=section.read("password", _password, "", required=True),
        permissions=section.part("permissions", _permissions, "*"),
    )


def _login(node: Node, problems: Problems) -> Login:
    section = Section.open(node, LOGIN_KEYS, problems)
    return Login(
        user=section.read("user", _basic_user, "", required=True),
        pass_=section.read("pass", _password, "", required=True),
    )


def _basic_user(node: Node) -> str:
    found = text(node)
    if ":" in found:
        raise Wrong(node, "a user with ':' can't log in over HTTP", "the colon ends the user there (RFC 7617)")
    return found


def _password(node: Node) -> str:
    """Read a bcrypt hash or `generate`; what was found instead is never shown."""
    if not isinstance(node, Scalar):
        raise Wrong(node, "a bcrypt hash or generate is wanted here", _HASH_HINT)
    cost = bcrypt_cost(node.text)
    if node.text == SAMPLE_HASH:
        raise Wrong(node, "this is the published sample hash: its password is 'password'", _HASH_HINT)
    if cost is not None and cost not in COSTS:
        raise Wrong(node, f"the hash has cost {cost}; {COSTS[0]} to {COSTS[-1]} is accepted", _HASH_HINT)
    if cost is None and node.text != GENERATE:
        raise Wrong(node, f"{_kind(node.text)} is not accepted", _HASH_HINT)
    return node.text


def _kind(password: str) -> str:
    if not password:
        return "an empty password"
    if password.startswith("$2x$"):
        return "a $2x$ hash (made by a faulty bcrypt)"
    if password.startswith("$2"):
        return "a damaged bcrypt hash"
    if re.fullmatch(r"[0-9A-Fa-f]{32}", password):
        return "an MD5 hash"
    return "a hash of another kind" if password.startswith("$") else "a plain-text password"


def _permissions(node: Node, problems: Problems) -> str | tuple[str, ...]:
    if isinstance(node, Scalar):
        return _permission(node, problems)
    if isinstance(node, Items) and not node.items:
        raise Wrong(node, "the list is empty", 'write "*", read, or [flows.read, ...]')
    return each(_permission, node, problems)


def _permission(node: Node, _: Problems) -> str:
    found = text(node)
    if not _PERMISSION.fullmatch(found):
        raise Wrong(node, f"{shown(found)} is no permission", 'write "*", read, or [flows.read, ...]')
    return found


def _tls(folder: str, node: Node, problems: Problems) -> Tls:
    if isinstance(node, Scalar):
        if text(node) != SELF_SIGNED:
            raise Wrong(node, f"{shown(node.text)} is not known here", "self-signed, or {key: /path, cert: /path}")
        return Tls(f"{folder}/nrguard-key.pem", f"{folder}/nrguard-cert.pem", self_signed=True)
    section = Section.open(node, TLS_KEYS, problems)
    if len(section.found) != len(TLS_KEYS):
        raise Wrong(node, "key and cert are both wanted here", "or write self-signed")
    return Tls(section.read("key", path, ""), section.read("cert", path, ""))


def _host(node: Node) -> str:
    """Read an address to listen on, or a host name (Node-RED exits when it can't listen there)."""
    found = text(node)
    if ":" in found or re.fullmatch(r"[0-9.]+", found):
        try:
            return str(ipaddress.ip_address(found))
        except ValueError:
            raise Wrong(node, "this is no IP address", 'such as 0.0.0.0, 127.0.0.1, "::" or "::1"') from None
    if not _HOST.fullmatch(found) or len(found) > 253:
        raise Wrong(node, "this is no address and no host name", 'such as 0.0.0.0, 127.0.0.1, "::" or "::1"')
    return found
