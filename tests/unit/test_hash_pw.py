"""`nrguard hash-pw` on a pipe: what is hashed, what is refused, and that only the hash is on standard output."""

from __future__ import annotations

import argparse
import io
import re

import bcrypt
import pytest

from nrguard.commands import hash_pw
from nrguard.errors import DONE, FAILED, USAGE, Failed
from nrguard.passwords import SAMPLE_HASH

CHEAP = "--cost=8"


def run(monkeypatch: pytest.MonkeyPatch, typed: bytes, *arguments: str) -> int:
    """Run the command with `typed` on a standard input that is no terminal."""
    parser = argparse.ArgumentParser(prog="nrguard")
    hash_pw.add_parser(parser.add_subparsers())
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(typed), encoding="ascii"))
    args = parser.parse_args(["hash-pw", *arguments])
    status = args.run(args)
    assert isinstance(status, int)
    return status


@pytest.mark.parametrize(
    ("typed", "password"),
    [
        (b"correct horse", "correct horse"),
        (b"correct horse\n", "correct horse"),
        (b"correct horse\r\n", "correct horse"),
        (b" spaces stay \n", " spaces stay "),
        (b"inner\rreturn\n", "inner\rreturn"),
        (b"return at the end\r", "return at the end\r"),
        ("pässwörd–€漢😀\n".encode(), "pässwörd–€漢😀"),
        (b"x" * 72 + b"\n", "x" * 72),
    ],
)
def test_one_line_is_hashed_without_its_end_and_otherwise_as_it_is(
    typed: bytes, password: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, typed, CHEAP) == DONE
    out, err = capsys.readouterr()
    assert re.fullmatch(r"\$2b\$08\$[./A-Za-z0-9]{53}\n", out)
    assert bcrypt.checkpw(password.encode(), out.strip().encode())
    assert err == ""


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        (b"", "empty"),
        (b"\n", "empty"),
        (b"\r\n", "empty"),
        (b"x" * 73, "73 bytes"),
        ("ö".encode() * 37, "74 bytes in UTF-8; bcrypt, and so Node-RED, ignores all after the first 72"),
        (b"x" * 1_000_000, "far longer than the 72 bytes"),
        (b"one\ntwo\n", "more than one line"),
        (b"one\n\n", "more than one line"),
        (b"ab\0cd\n", "NUL"),
        (b"caf\xe9\n", "not valid UTF-8"),
    ],
)
def test_what_node_red_could_not_be_given_is_refused_with_the_reason(
    typed: bytes, why: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Failed, match=why) as refused:
        run(monkeypatch, typed, CHEAP)
    assert refused.value.status() == FAILED
    assert capsys.readouterr().out == ""


def test_the_refusal_does_not_repeat_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Failed) as refused:
        run(monkeypatch, b"hunter2" * 20)
    assert "hunter2" not in refused.value.message + refused.value.hint


def test_a_short_password_is_hashed_with_a_note(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, b"kurz\n", CHEAP) == DONE
    out, err = capsys.readouterr()
    assert bcrypt.checkpw(b"kurz", out.strip().encode())
    assert "shorter than 8 characters" in err


def test_the_cost_is_12_unless_said_otherwise(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(monkeypatch, b"correct horse\n")
    run(monkeypatch, b"correct horse\n", "--cost", "9")
    assert [line[:7] for line in capsys.readouterr().out.splitlines()] == ["$2b$12$", "$2b$09$"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--cost=7"],
        ["--cost=16"],
        ["--cost=twelve"],
        ["--cost=-9"],
        ["--cost=９"],  # a digit to Python, but none that anybody typed
        ["--verify=secret-instead-of-a-hash"],
        ["--verify=$2x$08$zZWtXTja0fB1pzD4sHCMyOCMYz2Z6dNbM6tl8sJogENOMcxWV9DN."],
        ["--verify=$2b$31$zZWtXTja0fB1pzD4sHCMyOCMYz2Z6dNbM6tl8sJogENOMcxWV9DN."],
        ["--verify="],
        [f"--verify={SAMPLE_HASH[:-1]}"],
        [f"--verify={SAMPLE_HASH} "],
        [f"--verify={SAMPLE_HASH}", "--cost=9"],
        ["hunter2"],
    ],
)
def test_wrong_usage_is_2_and_prints_no_hash(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        run(monkeypatch, b"correct horse\n", *arguments)
    out, err = capsys.readouterr()
    assert (left.value.code, out) == (USAGE, "")
    assert "secret-instead" not in err


@pytest.mark.parametrize("prefix", ["$2a$", "$2b$", "$2y$"])
def test_verify_answers_yes_or_no_for_every_prefix_that_node_red_knows(
    prefix: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hashed = prefix + SAMPLE_HASH[4:]
    assert run(monkeypatch, b"password\n", "--verify", hashed) == DONE
    assert run(monkeypatch, b"passwort\n", "--verify", hashed) == FAILED
    assert capsys.readouterr() == ("yes\nno\n", "")


def test_verify_refuses_a_password_of_which_node_red_would_ignore_the_end(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hashed = bcrypt.hashpw(b"x" * 72, bcrypt.gensalt(4)).decode()
    assert run(monkeypatch, b"x" * 72, "--verify", hashed) == DONE
    with pytest.raises(Failed, match="73 bytes"):
        run(monkeypatch, b"x" * 73, "--verify", hashed)
    assert capsys.readouterr().out == "yes\n"


def test_a_closed_standard_input_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    args = argparse.Namespace(cost=8, verify=None)
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(Failed, match="standard input is closed"):
        hash_pw.run(args)


def test_the_help_shows_examples_and_fits_80_columns(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as left:
        run(monkeypatch, b"", "--help")
    out = capsys.readouterr().out
    assert left.value.code == DONE
    assert "nrguard hash-pw --verify '$2b$12$...'" in out
    assert [line for line in out.splitlines() if len(line) > 80] == []
