# ruff: noqa: E501 - sources read best in one line
"""`nrguard inspect`: its JSON, its exit status, and what it shows to people."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nrguard.cli import main

GOOD = "module.exports = { uiPort: 18801, adminAuth: { type: 'credentials', users: [] } };"


def file(folder: Path, source: str, name: str = "settings.js") -> str:
    path = folder / name
    path.write_text(source)
    return str(path)


@pytest.mark.parametrize(
    ("source", "status"),
    [(GOOD, 0), ("", 0), ("module.exports = {", 2), ("eval('1')", 3), ("module.exports = { f() {} }", 3)],
)
def test_the_status_tells_the_state(source: str, status: int, tmp_path: Path) -> None:
    assert main(["inspect", file(tmp_path, source)]) == status


def test_a_missing_file_is_as_bad_as_a_broken_one(tmp_path: Path) -> None:
    assert main(["inspect", str(tmp_path / "none.js")]) == 2


def test_a_folder_is_unproven(tmp_path: Path) -> None:
    assert main(["inspect", str(tmp_path)]) == 3


@pytest.mark.parametrize(
    ("source", "status"),
    [(GOOD + " // x", 0), (GOOD.replace("18801", "18802"), 1), (GOOD.replace("{ type", "null && { type"), 2),
     (GOOD + "setTimeout(() => 1)", 3), ("module.exports = {", 2)],
)  # fmt: skip
def test_the_status_tells_the_verdict(source: str, status: int, tmp_path: Path) -> None:
    good = file(tmp_path, GOOD, "good.js")
    assert main(["inspect", file(tmp_path, source), "--against", good]) == status


def test_of_several_files_the_worst_counts(tmp_path: Path) -> None:
    sound, unproven = file(tmp_path, GOOD, "a.js"), file(tmp_path, "eval('')", "b.js")
    assert main(["inspect", sound, unproven]) == 3
    assert main(["inspect", sound, unproven, file(tmp_path, "{", "c.js")]) == 2


def test_json_has_one_object_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [file(tmp_path, GOOD, "a.js"), file(tmp_path, "{", "b.js")]
    main(["inspect", *files])
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert list(first) == ["schema", "file", "state", "reasons", "settings", "requires", "verdict", "findings"]
    assert (first["schema"], first["file"], first["state"], first["verdict"]) == (1, files[0], "sound", None)
    assert first["settings"]["uiPort"] == {"state": "known", "value": 18801, "line": 1, "on": [], "possible": []}
    assert second["reasons"][0].keys() == {"line", "column", "why"}


def test_json_tells_the_differences(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(
        [
            "inspect",
            "--json",
            file(tmp_path, "module.exports = { uiPort: 1 }"),
            "--against",
            file(tmp_path, GOOD, "g.js"),
        ]
    )
    told = json.loads(capsys.readouterr().out)
    assert told["verdict"] == "weakened"
    assert [(one["setting"], one["kind"]) for one in told["findings"]] == [
        ("adminAuth", "weakened"),
        ("uiPort", "changed"),
    ]


def test_a_required_file_that_differs_is_unproven(tmp_path: Path) -> None:
    source = "module.exports = { adminAuth: require('./auth') };"
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        file(tmp_path / name, source)
        file(tmp_path / name, "module.exports = 1", "auth.js")
    present, good = (str(tmp_path / name / "settings.js") for name in ("here", "there"))
    assert main(["inspect", present, "--against", good]) == 0
    file(tmp_path / "here", "module.exports = null", "auth.js")
    assert main(["inspect", present, "--against", good]) == 3


def test_the_environment_can_be_given(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(
        ["inspect", "--json", "--env", "PORT=99", file(tmp_path, "module.exports = { uiPort: process.env.PORT || 1 }")]
    )
    assert json.loads(capsys.readouterr().out)["settings"]["uiPort"]["value"] == "99"


def test_people_get_at_most_80_columns_and_no_control_characters(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    user = "{ username: 'a\\u202e\\x1b[31m" + "b" * 300 + "', password: 'x' }"
    source = f"module.exports = {{ adminAuth: {{ type: 'credentials', users: [{user}] }}, x: require('\\x1b[0m'), f() {{}} }}"
    main(["inspect", file(tmp_path, source), "--against", file(tmp_path, GOOD, "good.js")])
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert all(line.isprintable() for line in lines)


def test_a_good_file_that_is_broken_is_wrong_usage(tmp_path: Path) -> None:
    assert main(["inspect", file(tmp_path, GOOD), "--against", file(tmp_path, "{", "good.js")]) == 3
    assert main(["inspect", file(tmp_path, GOOD), "--env", "nonsense"]) == 3
    assert main(["inspect"]) == 3
