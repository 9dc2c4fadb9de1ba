"""The attack table as data: whole, and docs/attacks.md made of these very rows."""

from __future__ import annotations

import re

from attack_table import TABLE, is_stale

from nrguard.checks import all_checks
from tests.attacks.row import settings_js
from tests.attacks.rows import GROUPS, ROWS

OPENED = {"read", "write", "endpoints", "static", "plain", "network", "lan", "login", "token", "route", "down"}


def test_the_table_in_the_docs_is_of_these_rows() -> None:
    assert not is_stale(), "run `make attacks`"
    text = TABLE.read_text(encoding="utf-8")
    assert set(re.findall(r"<br>`([a-z0-9-]+)` \|", text)) == set(ROWS)


def test_no_two_rows_have_one_name_and_there_are_enough() -> None:
    assert len(ROWS) == sum(map(len, GROUPS.values()))
    assert sum(not row.harmless for row in ROWS.values()) >= 60


def test_each_row_speaks_of_known_doors_and_checks() -> None:
    for row in ROWS.values():
        assert {door for doors in (row.open, *row.differs.values()) for door in doors} <= OPENED, row.id
        assert set(row.found) <= set(all_checks()), row.id


def test_a_harmless_row_opens_nothing_and_finds_nothing() -> None:
    assert not [row.id for row in ROWS.values() if row.harmless and (row.open or row.found)]


def test_each_row_changes_something() -> None:
    for row in ROWS.values():
        touched = settings_js(row, attacked=True) != settings_js(row, attacked=False)
        assert touched or row.steps or row.options or row.environment or row.login[0], row.id
