"""The quickstart's play: open, found open, secured, guarded; then two scenes from real life."""

from __future__ import annotations

import argparse
import json
import re
import time

from demo.house import House, house
from demo.scenes import Scene, unwatched, watched
from demo.timeline import drawn
from stage.guard import Said
from stage.node import Unavailable
from stage.npm import DEFAULT_VERSION, VERSION, install
from stage.stranger import ask


def main(arguments: list[str] | None = None) -> int:
    """Play it. Return 0 only if all of it was seen."""
    options = _options(arguments)
    version = _fetched(options.node_red)
    started = time.monotonic()
    with house(version, keep=options.keep) as scratch:
        seen = play(scratch)
        print(f"\n{'All of it was seen' if seen else 'NOT all of it was seen'}, in {time.monotonic() - started:.0f} s.")
        if not seen:
            print(f"nrguard's log ends with:\n{scratch.guard.log_end()}")
        if options.keep:
            _say_what_stays(scratch)
    return 0 if seen else 1


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/quickstart", description="See nrguard guard a real Node-RED, in a scratch folder."
    )
    parser.add_argument("--node-red", default=DEFAULT_VERSION, metavar="VERSION", help="default: %(default)s")
    parser.add_argument("--keep", action="store_true", help="leave everything running, and say where")
    options = parser.parse_args(arguments)
    if not VERSION.fullmatch(options.node_red):
        parser.error(f"'{options.node_red}' is no version of Node-RED: want one like {DEFAULT_VERSION}")
    return options


def _fetched(version: str) -> str | None:
    """Return the version once it is there; None if it can't be had, having said so."""
    try:
        install(version)
    except Unavailable as error:
        print(f"{error}.\nWithout a server, nrguard guards a scratch settings.js.")
        return None
    return version


def play(scratch: House) -> bool:
    """Show the whole chain; stop at the first part that fails. Return whether all of it was seen."""
    what = f"Node-RED {scratch.server.version}, stock and open" if scratch.server else "A settings.js without a login"
    where = f" on http://127.0.0.1:{scratch.server.port}" if scratch.server else ""
    _title(f"{what}{where}")
    print(f"settings: {scratch.settings}\npolicy:   {scratch.guard.policy}")
    return _found_open(scratch) and _secured(scratch) and _guarded(scratch)


def _found_open(scratch: House) -> bool:
    if scratch.server:
        print(f"A stranger asks for all flows: {_answer(scratch.server.port)}")
    if _command(scratch, "check").status != 2:
        return False
    views = json.loads(scratch.guard.call("check", "--json").out)["instances"][0]["views"]
    return not scratch.server or views["wire"]["admin"] == "open"


def _secured(scratch: House) -> bool:
    said = _command(scratch, "apply")
    scratch.logins.update(_logins(said.out))
    if said.status or "admin" not in scratch.logins:
        return False
    if not scratch.server:
        return True
    answer = scratch.server.wait_until_answers(scratch.port)
    print(f"A stranger asks again, now over HTTPS on port {scratch.port}: {_answer(scratch.port)}")
    return answer.tls and answer.login_required


def _guarded(scratch: House) -> bool:
    _title("nrguard run")
    scratch.guard.start()
    print("The guard is up.")
    if _command(scratch, "check").status > 1:
        return False
    scene = watched(scratch)
    at_once = ", and Node-RED is restarted at once" if scratch.server else ""
    _show(f"(a) adminAuth is taken out by a careless edit{at_once}", scene)
    if not scene.good:
        return False
    scene = unwatched(scratch)
    _show("(b) the same while the guard is stopped; then the guard is started", scene)
    return scene.good


def _logins(said: str) -> dict[str, str]:
    """Return user -> password, as `nrguard apply` says them, once."""
    return dict(re.findall(r"password for \S+, user (\S+): (\S+)", said))


def _command(scratch: House, verb: str) -> Said:
    """Run one nrguard command and show what it says, as its owner would see it."""
    _title(f"nrguard {verb}")
    said = scratch.guard.call(verb)
    print("\n".join(part.rstrip() for part in (said.out, said.err) if part.strip()))
    return said


def _show(title: str, scene: Scene) -> None:
    _title(title)
    print(drawn(scene.steps))
    for remark in scene.remarks:
        print(remark)


def _answer(port: int) -> str:
    answer = ask(port)
    meaning = {200: "he gets them", 401: "login required"}.get(answer.status, "")
    return f"{answer.status} {meaning}".strip()


def _title(text: str) -> None:
    print(f"\n== {text}", flush=True)


def _say_what_stays(scratch: House) -> None:
    running = {name: pid for name, pid in scratch.processes().items() if pid}
    print()
    if scratch.server:
        print(f"Node-RED:  https://127.0.0.1:{scratch.port}/ (its certificate is self-signed)")
        print(f"login:     admin {scratch.logins.get('admin', '(none: apply failed)')}")
    print(f"folder:    {scratch.folder}")
    print(f"running:   {', '.join(f'{name} {pid}' for name, pid in running.items())}")
    print(f"to end it: kill {' '.join(map(str, running.values()))}; rm -r {scratch.folder}")
