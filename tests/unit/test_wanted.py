"""What `apply` writes: the policy's wish as JavaScript that means just that, and passwords made only where needed."""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nrguard.model import Reading, SettingState, Severity, Weakness
from nrguard.policy import Login, Tls, User, Want
from nrguard.settingsjs import read
from nrguard.wanted import GENERATE, Passwords, sources, standing

HASH = "$2b$08$zZWtXTja0fB1pzD4sHCMyOCMYz2Z6dNbM6tl8sJogENOMcxWV9D1."
OTHER = "$2b$12$AAAAAAAAAAAAAAAAAAAAAOnGVv0wlv8sLkMV3CqvEz1mjPNc1C6zq"


def passwords() -> Passwords:
    """Return passwords that are made one after another: "made-1", "made-2", …"""
    numbers = count(1)
    return Passwords(lambda: (f"made-{(number := next(numbers))}", HASH[:-1] + f"{number}"))


def as_read(want: Want, made: Passwords | None = None) -> Reading:
    written = sources(want, made or passwords(), frozenset())
    text = "module.exports = {\n" + ",\n".join(f"{name}: {source}" for name, source in written.items()) + "\n}\n"
    return read(text.encode())


def test_each_wish_is_read_back_as_it_was_meant() -> None:
    want = Want(
        adminAuth=(User("admin", HASH), User("guest", HASH, "read")), httpNodeAuth=Login("sensor", HASH),
        https=Tls("/etc/key.pem", "/etc/cert.pem"), requireHttps=True, uiPort=18880, uiHost="127.0.0.1",
    )  # fmt: skip
    settings = as_read(want).settings
    views = {name: settings[name].value for name in ("requireHttps", "uiPort", "uiHost")}
    assert views == {"requireHttps": True, "uiPort": 18880, "uiHost": "127.0.0.1"}
    admin, https, node = (settings[name].value for name in ("adminAuth", "https", "httpNodeAuth"))
    assert isinstance(admin, dict)
    assert admin["usernames"] == ["admin", "guest"]
    assert isinstance(https, dict)
    assert (https["key"], https["cert"]) == ("/etc/key.pem", "/etc/cert.pem")
    assert isinstance(node, dict)
    assert node["user"] == "sensor"
    assert settings["httpStaticAuth"].state is SettingState.ABSENT


def test_what_the_policy_leaves_open_is_not_written() -> None:
    assert sources(Want(), passwords(), frozenset()) == {}
    assert list(sources(Want(uiPort=1, uiHost=""), passwords(), frozenset({"uiPort"}))) == ["uiHost"]


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_no_text_of_the_policy_leaves_its_string(user: str, host: str, path: str) -> None:
    reading = as_read(Want(adminAuth=(User(user, HASH),), uiHost=host, https=Tls("/" + path, "/c")))
    admin = reading.settings["adminAuth"].value
    assert isinstance(admin, dict)
    assert admin["usernames"] == [user]
    assert reading.settings["uiHost"].value == host
    https = reading.settings["https"].value
    assert isinstance(https, dict)
    assert https["key"] == "/" + path


def test_a_hash_of_the_owner_is_taken_as_it_is() -> None:
    made = passwords()
    assert HASH in sources(Want(adminAuth=(User("admin", HASH),)), made, frozenset())["adminAuth"]
    assert made.made == []


def test_each_user_of_the_editor_gets_a_password_of_his_own() -> None:
    made = passwords()
    sources(Want(adminAuth=(User("a", GENERATE), User("b", GENERATE))), made, frozenset())
    assert made.made == [("editor", "a", "made-1"), ("editor", "b", "made-2")]


def test_endpoints_and_static_files_share_one_login_and_the_editor_does_not() -> None:
    made = passwords()
    want = Want((User("pi", GENERATE),), Login("pi", GENERATE), Login("pi", GENERATE))
    written = sources(want, made, frozenset())
    assert made.made == [("editor", "pi", "made-1"), ("endpoints", "pi", "made-2")]
    assert written["httpNodeAuth"] == written["httpStaticAuth"]


def test_asking_twice_makes_one_password() -> None:
    made = passwords()
    assert made.hash_for("editor", "a", GENERATE) == made.hash_for("editor", "a", GENERATE)
    assert len(made.made) == 1


# -- what stands already


def file(*members: str) -> Reading:
    return read(("module.exports = {\n" + ",\n".join(members) + "\n}\n").encode())


ADMIN = f'adminAuth: {{ type: "credentials", users: [{{ username: "admin", password: "{HASH}", permissions: "*" }}] }}'
NODE, STATIC = (f'{name}: {{ user: "pi", pass: "{OTHER}" }}' for name in ("httpNodeAuth", "httpStaticAuth"))
WANT = Want((User("admin", GENERATE),), Login("pi", GENERATE), Login("pi", GENERATE))


def test_a_login_of_the_wanted_user_stands_and_gets_no_new_password() -> None:
    assert standing(WANT, file(ADMIN, NODE, STATIC)) == {"adminAuth", "httpNodeAuth", "httpStaticAuth"}


def test_a_shared_login_stands_only_whole() -> None:
    assert standing(WANT, file(ADMIN, NODE)) == {"adminAuth"}


def test_logins_of_different_users_stand_each_for_itself() -> None:
    want = Want(httpNodeAuth=Login("pi", GENERATE), httpStaticAuth=Login("web", GENERATE))
    assert standing(want, file(NODE)) == {"httpNodeAuth"}


@pytest.mark.parametrize("other", ["mallory", "Admin", ""])
def test_a_login_of_somebody_else_does_not_stand(other: str) -> None:
    assert standing(Want((User("admin", GENERATE),)), file(ADMIN.replace('"admin"', f'"{other}"'))) == frozenset()


def test_a_weak_login_does_not_stand() -> None:
    reading = file(ADMIN)
    weak = Reading(
        reading.state, settings=reading.settings, weaknesses=(Weakness("adminAuth", "md5", Severity.CRITICAL, "MD5"),)
    )
    assert standing(Want((User("admin", GENERATE),)), weak) == frozenset()


def test_a_hash_that_the_policy_gives_is_compared_and_not_taken_as_standing() -> None:
    assert standing(Want((User("admin", HASH),)), file(ADMIN)) == frozenset()


def test_a_login_that_cannot_be_proved_does_not_stand() -> None:
    assert standing(Want((User("admin", GENERATE),)), file("adminAuth: require('./elsewhere')")) == frozenset()
