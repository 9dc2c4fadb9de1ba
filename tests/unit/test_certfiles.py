"""Which files an https function reads, as far as its text tells."""

from __future__ import annotations

import pytest

from nrguard.model import View
from nrguard.settingsjs import read

START = 'const fs = require("fs"), path = require("path"), dir = "/etc/tls";\nlet made = 0;\n'
GIVES = '{key: fs.readFileSync("k.pem"), cert: fs.readFileSync("c.pem")}'


def https(function: str) -> View:
    reading = read(f"{START}module.exports = {{https: {function}}};\n".encode())
    return reading.settings["https"].value


@pytest.mark.parametrize(
    "function",
    [
        f"function() {{ return {GIVES} }}",
        f"() => ({GIVES})",
        f"async () => {{ return {GIVES} }}",
        f"function() {{ made++; return {GIVES} }}",
        f"function() {{ if (fs.existsSync('x')) return null; return {GIVES} }}",
        f"() => new Promise(resolve => resolve({GIVES}))",
    ],
)
def test_files_are_found_wherever_the_function_reads_them(function: str) -> None:
    assert https(function) == {"kind": "function", "key": "k.pem", "cert": "c.pem"}


def test_names_from_outside_of_the_function_are_followed() -> None:
    given = '{key: fs.readFileSync(dir + "/k.pem"), cert: fs.readFileSync(path.join(__dirname, "c.pem"))}'
    assert https(f"() => ({given})") == {"kind": "function", "key": "/etc/tls/k.pem", "cert": "__dirname/c.pem"}


@pytest.mark.parametrize(
    "function",
    [
        "() => null",
        'function() { const at = "/x"; return {key: fs.readFileSync(at), cert: fs.readFileSync(at)} }',
        f'() => made ? {GIVES} : {{key: fs.readFileSync("other.pem"), cert: fs.readFileSync("another.pem")}}',
        "() => ({key: fs.readFileSync(), cert: fs.readFileSync(unknown)})",
        "() => load()",
    ],
)
def test_what_can_not_be_told_stays_untold(function: str) -> None:
    assert https(function) == {"kind": "function", "key": None, "cert": None}
