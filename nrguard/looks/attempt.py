"""Try to log in once, with a password that is made up now and thrown away, and print what came of it."""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any

from nrguard.stranger.line import Cut, Line, in_words

_PATIENCE = 8.0  # seconds: a slow computer takes its time over a hash


def main() -> None:
    """Make the attempt (probes.attempt.Attempt) that argv[1] holds."""
    signal.alarm(12)
    print(json.dumps(tried(json.loads(sys.argv[1]))), flush=True)


def tried(attempt: dict[str, Any]) -> dict[str, Any]:
    """Return the answer to one login; whatever token it holds is forgotten."""
    line = Line(attempt["address"], attempt["port"], _PATIENCE)
    form = {
        "client_id": "node-red-editor",
        "grant_type": "password",
        "scope": "",
        "username": attempt["user"],
        "password": os.urandom(24).hex(),
    }
    said = {"user": attempt["user"], "status": 0, "token": False, "error": ""}
    try:
        line.choose()
        answer = line.post(attempt["path"], json.dumps(form).encode())
        said |= {"status": answer.status, "token": answer.status == 200 and b'"access_token"' in answer.body}
    except (OSError, Cut) as problem:
        said["error"] = in_words(problem)
    finally:
        line.close()
    return said
