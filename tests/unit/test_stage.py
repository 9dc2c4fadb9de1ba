"""The stage that end-to-end tests and the quickstart stand on: what of it is pure, or stays in a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from demo.timeline import Step, complete, drawn
from stage.careless import cut
from stage.nodered import on_loopback
from stage.once import once

SETTINGS = b"""\
module.exports = {
    //adminAuth: { type: "credentials" },
    uiPort: 1880,
    adminAuth: {
        type: "credentials", // not } the end
        users: [{ username: "a}b", password: 'x,y' }],
    },
    uiHost: "127.0.0.1"
}
"""


def test_a_cut_takes_the_live_setting_and_its_comma_out() -> None:
    gone = cut(SETTINGS, "adminAuth")
    assert gone.rest == (
        b"module.exports = {\n"
        b'    //adminAuth: { type: "credentials" },\n'
        b"    uiPort: 1880,\n"
        b'    uiHost: "127.0.0.1"\n'
        b"}\n"
    )
    assert gone.member.startswith(b"adminAuth: {")
    assert gone.member.endswith(b"],\n    }")


def test_a_cut_takes_the_last_setting_out() -> None:
    gone = cut(SETTINGS, "uiHost")
    assert gone.member == b'uiHost: "127.0.0.1"'
    assert gone.rest.endswith(b"    },\n}\n")


def test_a_cut_of_what_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="no live https"):
        cut(SETTINGS, "https")


def test_loopback_is_refused_where_the_stock_line_is_missing() -> None:
    assert on_loopback(b'{\n    //uiHost: "127.0.0.1",\n}') == b'{\n    uiHost: "127.0.0.1",\n}'
    with pytest.raises(ValueError, match="uiHost"):
        on_loopback(SETTINGS)


def test_a_folder_is_filled_once(tmp_path: Path) -> None:
    filled = []

    def fill(folder: Path) -> None:
        filled.append(folder)
        (folder / "file").write_text("whole")

    for _ in range(2):
        assert (once(tmp_path / "cache" / "5.0.7", fill) / "file").read_text() == "whole"
    assert len(filled) == 1


def test_an_interrupted_fill_leaves_nothing_that_looks_finished(tmp_path: Path) -> None:
    def interrupted(folder: Path) -> None:
        (folder / "half").touch()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        once(tmp_path / "5.0.7", interrupted)
    assert not (tmp_path / "5.0.7").exists()
    again = once(tmp_path / "5.0.7", lambda folder: (folder / "whole").touch())
    assert [entry.name for entry in again.iterdir()] == ["whole"]


def test_a_timeline_is_in_order_with_the_time_between() -> None:
    steps = (Step("restored", 100.0305, "whole again"), Step("changed", 100.0, "by hand"), Step("alert", None))
    assert drawn(steps).splitlines() == [
        "       ms   between",
        "      0.0       0.0  changed          by hand",
        "     30.5      30.5  restored         whole again",
        "        -         -  alert            not seen",
    ]
    assert not complete(steps)
    assert complete(steps[:2])
