"""Whatever a server says: the judge stands, shows nothing raw, and calls nothing closed that gave its flows away."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from nrguard.model import Admin, Door
from nrguard.probes.wire import judge_exchanges

CHALLENGES = ("", 'Bearer realm="Users"', 'Basic realm="Authorization Required"', "Digest x")
BODIES = st.one_of(
    st.sampled_from(["", "[]", '{"flows":[]}', '{"version":"5.0.7"}', "Cannot GET /", '{"user":{"permissions":"*"}}']),
    st.text(max_size=100),
)
STATUSES = st.sampled_from([0, 101, 200, 204, 302, 400, 401, 403, 404, 500, 503])


def exchanges(ask: str) -> st.SearchStrategy[dict[str, Any]]:
    headers = st.fixed_dictionaries({"www-authenticate": st.sampled_from(CHALLENGES), "location": st.text(max_size=20)})
    return st.fixed_dictionaries(
        {
            "ask": st.just(ask),
            "path": st.text(max_size=20),
            "status": STATUSES,
            "headers": headers,
            "body": BODIES,
            "error": st.text(max_size=20),
            "under": st.sampled_from(["/", "/api/"]),
            "through": st.booleans(),
        }
    )


ASKED = st.lists(
    st.sampled_from(["settings", "flows", "front", "about", "nowhere", "known", "comms", "handshake"]).flatmap(
        exchanges
    ),
    max_size=12,
)


def gathered(asked: list[dict[str, Any]], tls: bool | None) -> dict[str, Any]:
    return {
        "address": "127.0.0.1", "port": 1880, "tls": tls, "certificate": "", "exchanges": asked,
        "node_root": "/", "static_roots": ["/"], "error": "",
    }  # fmt: skip


@given(ASKED, st.sampled_from([None, True, False]))
def test_no_answer_breaks_the_judge_or_shows_raw(asked: list[dict[str, Any]], tls: bool | None) -> None:
    wire = judge_exchanges(gathered(asked, tls))
    assert "".join((*wire.evidence, wire.version, str(wire.permissions))).isprintable()


@given(exchanges("settings"), exchanges("flows"), st.lists(exchanges("nowhere"), max_size=2))
def test_flows_that_were_given_away_are_never_called_closed(
    settings: dict[str, Any], flows: dict[str, Any], others: list[dict[str, Any]]
) -> None:
    given_away = flows | {"status": 200, "body": "[]"}
    admin = judge_exchanges(gathered([settings, given_away, *others], tls=False)).admin
    assert admin in {Admin.OPEN, Admin.ANONYMOUS}


@given(ASKED, exchanges("known"))
def test_a_node_that_answers_is_an_open_door(asked: list[dict[str, Any]], known: dict[str, Any]) -> None:
    answering = known | {"status": 200, "path": "/the-only-one"}
    assert judge_exchanges(gathered([*asked, answering], tls=False)).nodes is Door.OPEN
