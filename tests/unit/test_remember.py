"""What is remembered with a baseline beside the settings."""

from __future__ import annotations

import json
from dataclasses import replace

from nrguard.baseline import Baseline, Facts
from nrguard.codec import from_json, to_json
from nrguard.model import Blind
from nrguard.probes.listeners import Listeners, Offer
from nrguard.probes.surroundings import Surroundings
from nrguard.remember import credentials_at, remembered
from nrguard.seen import Holder, Process
from tests.looked import LISTENER, NOW, looked, settings

FACTS = Facts(NOW, "accept", "d1", 1000, 1000, 0o644)
USER = '{{ username: "{}", password: "{}", permissions: "*" }}'
BCRYPT = "$2b$08${}zWtXTja0fB1pzD4sHCMyOCMYz2Z6dNbM6tl8sJogENOMcxWV9D1."


def admin_auth(**passwords: str) -> str:
    users = ", ".join(USER.format(name, BCRYPT.format(first * 2)) for name, first in passwords.items())
    return f'adminAuth: {{ type: "credentials", users: [{users}] }}'


def since(before: Facts | None, *, wrote: bool = False, **passwords: str) -> dict[str, float]:
    return dict(credentials_at(settings(admin_auth(**passwords))["adminAuth"], before, NOW, wrote=wrote))


def accepted(at: dict[str, float] | None = None, **passwords: str) -> Facts:
    return replace(FACTS, settings=settings(admin_auth(**passwords)), credentials_at=at or {})


def test_who_listened_where_and_what_else_there_was_is_remembered() -> None:
    parts = {
        "listeners": Listeners((Offer("sshd", ("tcp/22",), ("::",)),)),
        "surroundings": Surroundings(None, (), None, nodes=("a.js",), packages=("x",)),
    }
    facts = remembered(FACTS, looked(parts=parts))
    assert (facts.port, facts.addresses, facts.holder) == (18880, ("0.0.0.0",), Holder(1000, "nodered.service"))
    assert facts.inventory == {"listeners": ("tcp/22",), "nodes": ("a.js",), "packages": ("x",)}


def test_what_was_not_seen_stays_as_it_was() -> None:
    known = replace(FACTS, holder=Holder(1000), addresses=("::",), inventory={"listeners": ("tcp/22",)})
    assert remembered(known, looked(process=Process((), 18880))) == known
    assert remembered(known, looked(process=Blind("no"), parts={"listeners": Blind("no")})) == known


def test_the_facts_outlive_the_database() -> None:
    facts = replace(remembered(FACTS, looked(process=Process((LISTENER,), 18880))), credentials_at={"a": NOW})
    again: Facts = from_json(Facts, json.loads(json.dumps(to_json(facts))))
    assert again == facts
    assert Baseline(1, b"", again).sealed().holder == Holder(1000, "nodered.service")


def test_facts_of_an_earlier_nrguard_remember_nothing_of_it() -> None:
    old = {key: value for key, value in to_json(FACTS).items() if key not in ("holder", "credentials_at", "inventory")}
    assert from_json(Facts, old) == FACTS


def test_a_changed_password_is_dated_and_the_others_keep_their_date() -> None:
    assert since(accepted({"a": 5.0, "b": 6.0}, a="1", b="2"), a="3", b="2") == {"a": NOW, "b": 6.0}


def test_nobody_knows_since_when_the_first_accepted_passwords_are() -> None:
    assert since(None, a="1") == {}
    assert since(accepted(a="1"), a="1") == {}


def test_passwords_that_nrguard_wrote_are_new() -> None:
    assert since(None, wrote=True, a="1") == {"a": NOW}


def test_a_user_who_comes_or_comes_again_has_a_new_password_and_one_who_goes_is_forgotten() -> None:
    assert since(accepted({"a": 5.0}, a="1"), b="2") == {"b": NOW}


def test_a_new_order_of_users_or_permissions_is_no_new_password() -> None:
    assert since(accepted({"a": 5.0}, a="1", b="2"), b="2", a="1") == {"a": 5.0}
