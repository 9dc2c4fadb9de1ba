"""The quarantine: evidence comes back as it was put in, in order, and never takes more room than allowed."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from nrguard.host import syscalls
from nrguard.host.quarantine import Kept, ids, keep, load
from nrguard.model import Blind
from nrguard.world import Failed

MOMENT = 1_760_000_000.25  # 2025-10-09 08:53:20.25 UTC


def kept(folder: Path, data: bytes = b"x", *, now: float = MOMENT, count: int = 100, size: int = 1 << 20) -> str:
    id_ = keep(str(folder), data, {"owner": 1000}, now=now, count=count, size=size)
    assert isinstance(id_, str)
    return id_


def test_evidence_comes_back_with_its_facts(tmp_path: Path) -> None:
    data = b"module.exports = {}\n\n\x00\xff"
    id_ = keep(str(tmp_path / "q"), data, {"path": "/home/pi/x\n", "owner": 1000}, now=MOMENT)
    assert id_ == "20251009-085320-250000"
    assert load(str(tmp_path / "q"), id_) == Kept(id_, {"path": "/home/pi/x\n", "owner": 1000}, data)


def test_evidence_is_for_us_alone(tmp_path: Path) -> None:
    id_ = kept(tmp_path / "q")
    assert stat.S_IMODE((tmp_path / "q").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "q" / id_).stat().st_mode) == 0o600


def test_ids_sort_by_time_even_where_the_clock_goes_back_or_stands_still(tmp_path: Path) -> None:
    order = [kept(tmp_path, now=now) for now in (MOMENT, MOMENT, MOMENT - 3600, MOMENT + 1)]
    assert list(ids(str(tmp_path))) == order == sorted(set(order))


def test_the_oldest_makes_room_for_the_newest(tmp_path: Path) -> None:
    order = [kept(tmp_path, count=3) for _ in range(5)]
    assert list(ids(str(tmp_path))) == order[2:]


def test_bytes_are_bounded_as_well(tmp_path: Path) -> None:
    order = [kept(tmp_path, bytes(4000), size=10_000) for _ in range(5)]
    assert list(ids(str(tmp_path))) == order[3:]
    assert sum(entry.stat().st_size for entry in tmp_path.iterdir()) <= 10_000


def test_what_alone_is_too_large_is_cut_and_says_so(tmp_path: Path) -> None:
    id_ = kept(tmp_path, bytes(20_000), size=10_000)
    evidence = load(str(tmp_path), id_)
    assert isinstance(evidence, Kept)
    assert evidence.facts["cut_from"] == 20_000
    assert (tmp_path / id_).stat().st_size <= 10_000


def test_an_id_is_no_path(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"{}\nsecret")
    assert isinstance(load(str(tmp_path / "q"), "../secret"), Blind)


def test_an_unknown_id_is_told(tmp_path: Path) -> None:
    assert load(str(tmp_path), "20251009-085320-250000") == Blind(
        "nothing with the id 20251009-085320-250000 is in the quarantine"
    )


def test_damaged_evidence_is_told(tmp_path: Path) -> None:
    id_ = kept(tmp_path)
    for damage in (b"", b"{", b"[]\n", b"\xff\n"):
        (tmp_path / id_).write_bytes(damage)
        assert load(str(tmp_path), id_) == Blind(f"{id_} in the quarantine is damaged")


def test_no_quarantine_yet_is_an_empty_one(tmp_path: Path) -> None:
    assert ids(str(tmp_path / "q")) == ()


def test_a_full_disk_is_a_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(syscalls, "write", refuse)
    answer = keep(str(tmp_path), b"x", {}, now=MOMENT)
    assert isinstance(answer, Failed)
    assert "No space left on device (ENOSPC)" in answer.why
    assert ids(str(tmp_path)) == ()
