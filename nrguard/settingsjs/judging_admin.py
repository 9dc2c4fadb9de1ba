"""Two logins of the editor, compared user by user."""

from __future__ import annotations

from collections.abc import Iterator

from nrguard.model import View
from nrguard.settingsjs.verdicts import Finding, Grade, changed, password, unknown, weaker


def admin(good: Grade, now: Grade) -> Iterator[Finding]:
    """Judge one adminAuth with users against another."""
    yield from _default(good["default"], now["default"])
    yield from _users(good, now)
    if now["tokens"] is not None and now["tokens"] != good["tokens"]:
        yield weaker("tokens give access without a login")
    if now["users_code"] != good["users_code"] or now["type"] != good["type"] or now["rest"] != good["rest"]:
        yield from _kind(good, now)
    yield from _expiry(good["expiry"], now["expiry"])


def _default(good: View, now: View) -> Iterator[Finding]:
    if now is None or now == good:
        return
    if now == ["?"]:
        yield unknown()
    elif not _covers(good, now):
        yield weaker("strangers may do more without a login")
    else:
        yield changed("other permissions without a login")


def _covers(wide: View, narrow: View) -> bool:
    """Do the permissions `wide` allow everything that `narrow` allows?"""
    if not isinstance(wide, list) or not isinstance(narrow, list) or "?" in (*wide, *narrow):
        return False
    if "*" in wide:
        return True
    return set(map(str, narrow)) <= set(map(str, wide))


def _users(good: Grade, now: Grade) -> Iterator[Finding]:
    accepted, users = good["users"], now["users"]
    for label, user in users.items():
        before = accepted.get(label)
        who = f"user {label[1:60]}"
        if "hash" not in user:
            yield unknown() if user != before else changed("")
        elif before is None or "hash" not in before:
            yield from _new_user(who, user, accepted)
        else:
            yield from _same_user(who, before, user)
    for label in accepted.keys() - users.keys():
        yield changed(f"user {label[1:60]} is gone")


def _new_user(who: str, user: Grade, accepted: Grade) -> Iterator[Finding]:
    known = [one for one in accepted.values() if "hash" in one]
    if not any(_covers(one["permissions"], user["permissions"]) for one in known):
        yield weaker(f"{who} is new and may do more than anybody before")
        return
    costs = [one["cost"] for one in known if one["hash"] == "bcrypt"]
    if user["hash"] == "unknown":
        yield unknown()
    elif user["sample"] or user["hash"] == "md5" or (user["hash"] == "bcrypt" and user["cost"] < min(costs, default=0)):
        yield weaker(f"{who} is new, with a weak password")
    else:
        yield changed(f"{who} is new")


def _same_user(who: str, before: Grade, user: Grade) -> Iterator[Finding]:
    yield from password(before, user, who)
    if user["permissions"] != before["permissions"]:
        if _covers(before["permissions"], user["permissions"]):
            yield changed(f"{who} may do less")
        else:
            yield weaker(f"{who} may do more")
    if user["token"] is not None and user["token"] != before["token"]:
        yield weaker(f"{who} has a token that is not the accepted one")


def _kind(good: Grade, now: Grade) -> Iterator[Finding]:
    if now["type"] != good["type"] and now["rest"] == good["rest"] and now["users_code"] == good["users_code"]:
        yield changed("another kind of login")
    else:
        yield unknown()


def _expiry(good: View, now: View) -> Iterator[Finding]:
    if now == good:
        return
    if isinstance(now, (int, float)) and isinstance(good, (int, float)) and 0 < now < good:
        yield changed("logins end sooner")
    else:
        yield weaker("logins last longer")
