"""Over generated files and owner's edits: a restore gives the setting back and touches no other byte."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nrguard.baseline import proved
from nrguard.model import PROTECTABLE, Proposal
from nrguard.settingsjs.edit import change
from nrguard.settingsjs.restore import restore
from tests.edits import untouched
from tests.node_oracle import Oracle

LOST = {"adminAuth": '{ type: "credentials", users: [] }', "requireHttps": "true", "uiPort": "28443"}
KEYS = ("flowFile", "a", "'quoted key'", '"b-c"', "debugMaxLength", "größe", "['computed']", "3")
VALUES = (
    "1",
    "'}, //'",
    '"/* no comment"',
    "[1, { a: 2 }]",
    "{\n  x: 1\n}",
    "/[}]/",
    "`\n`",
    "-1.5e3",
    "null",
)
COMMENTS = (
    "// plain\n", "/* block */", "/* two\n lines */", "//adminAuth: {\n//  users: [\n//  ]\n//},\n",
    "// requireHttps: true\n", "/* uiPort: 1, */", "// }, {\n",
)  # fmt: skip
SPACES = ("", " ", "\n", "\n    ", "\n\n  ", "\t")


@dataclass(frozen=True)
class Piece:
    """One member as it is written, with what stands before it and between it and its comma."""

    before: str
    key: str
    value: str
    behind: str

    def text(self, comma: str) -> str:
        return f"{self.before}{self.key}: {self.value}{self.behind}{comma}"


@dataclass(frozen=True)
class File:
    pieces: tuple[Piece, ...]
    trailing: str  # a comma, or none
    end: str

    def text(self) -> bytes:
        inner = [piece.text(",") for piece in self.pieces[:-1]] + [
            piece.text(self.trailing) for piece in self.pieces[-1:]
        ]
        return f"module.exports = {{{''.join(inner)}{self.end}}};\n".encode()


def between() -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(SPACES) | st.sampled_from(COMMENTS), max_size=3).map("".join)


def pieces(key: st.SearchStrategy[str], value: st.SearchStrategy[str]) -> st.SearchStrategy[Piece]:
    return st.builds(Piece, between(), key, value, st.just("") | between())


def others() -> st.SearchStrategy[tuple[Piece, ...]]:
    each = pieces(st.sampled_from(KEYS), st.sampled_from(VALUES))
    return st.lists(each, max_size=5, unique_by=lambda piece: piece.key).map(tuple)


def files() -> st.SearchStrategy[File]:
    return st.builds(File, others(), st.sampled_from(["", ","]), between())


@st.composite
def lost(draw: st.DrawFn) -> tuple[File, File, dict[str, str]]:
    """Draw an accepted file, and the same without some protected settings, after an owner's edits."""
    present = draw(files())
    names = draw(st.lists(st.sampled_from(sorted(LOST)), min_size=1, max_size=3, unique=True))
    accepted = list(draw(st.just(present.pieces) | others()))
    for name in names:
        at = draw(st.integers(0, len(accepted)))
        accepted.insert(at, draw(pieces(st.sampled_from([name, f"'{name}'"]), st.just(LOST[name]))))
    return replace(present, pieces=tuple(accepted)), present, {name: LOST[name] for name in names}


slow_fixture = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@given(lost())
@slow_fixture
def test_lost_settings_come_back_and_every_other_byte_stays(
    node: Oracle, drawn: tuple[File, File, dict[str, str]]
) -> None:
    good, present = drawn[0].text(), drawn[1].text()
    proposal = restore(present, good, PROTECTABLE)
    assert isinstance(proposal, Proposal), proposal
    assert proved(present, good, proposal)
    assert untouched(present, proposal) == present
    before, after = node.load(present), node.load(proposal.text)
    assert after == before | {name: node.load(good)[name] for name in drawn[2]}


@given(files(), st.sampled_from(sorted(LOST)))
@slow_fixture
def test_a_setting_goes_into_any_file_and_comes_out_again(node: Oracle, file: File, name: str) -> None:
    source = file.text()
    put_in = change(source, {name: LOST[name]})
    assert isinstance(put_in, Proposal), put_in
    assert untouched(source, put_in) == source
    before = node.load(source)
    assert node.load(put_in.text) == before | node.load(f"module.exports = {{ {name}: {LOST[name]} }}".encode())
    taken_out = change(put_in.text, {name: None})
    assert isinstance(taken_out, Proposal), taken_out
    assert node.load(taken_out.text) == before


@pytest.mark.parametrize("line_end", ["\r\n", "\n"])
@given(file=files())
@slow_fixture
def test_line_ends_of_either_kind_survive(node: Oracle, line_end: str, file: File) -> None:
    source = file.text().replace(b"\n", line_end.encode())
    proposal = change(source, LOST)
    assert isinstance(proposal, Proposal), proposal
    assert untouched(source, proposal) == source
    assert proposal.text.count(b"\r\n") == (proposal.text.count(b"\n") if line_end == "\r\n" else 0)
