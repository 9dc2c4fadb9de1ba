"""What `nrguard doctor` looks at, one line each: what is so, and the fix where it should not be."""

from __future__ import annotations

import importlib
import os
import shutil
import stat
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from nrguard import deliver
from nrguard.deliver import Outcome
from nrguard.errors import NrguardError
from nrguard.heart import MARK as HEARTBEAT
from nrguard.host import clock, files
from nrguard.places import Places
from nrguard.policy import Channel, Policy
from nrguard.policyfile import parse, read
from nrguard.say import moment
from nrguard.session import guard_pid, open_store
from nrguard.store import Store
from nrguard.watch import Bell, Watched
from nrguard.world import Content

LIBRARIES = ("apprise", "bcrypt", "cryptography", "psutil", "yaml", "tree_sitter", "tree_sitter_javascript", "watchdog")
LEAST_FREE = 50 << 20  # bytes
_SUDO = "run it as root: sudo nrguard doctor"


@dataclass(frozen=True, slots=True)
class Line:
    """What was looked at. `ok` None: worth knowing, and no failure. `fix`: what to do."""

    about: str
    ok: bool | None
    what: str
    fix: str = ""


def diagnose(places: Places) -> Iterator[Line]:
    """Yield each line as soon as it is known."""
    yield from _libraries()
    policy = None
    try:
        policy = parse(read(places.config), places.config.name)
        yield _policy(places.config, policy)
    except NrguardError as error:
        yield Line(
            "policy", False, error.message.splitlines()[0], error.hint or "mend the file; nrguard check says all"
        )
    yield from _state(places, policy)
    yield _guard(places)
    for instance in policy.instances if policy else ():
        yield _settings(instance.name, instance.settings)
    yield _clock()
    yield _node()
    yield from (_space(each) for each in _folders(places, policy))
    yield _inotify(places)


def _libraries() -> Iterator[Line]:
    missing = []
    for name in LIBRARIES:
        try:
            importlib.import_module(name)
        except ImportError as error:  # a wheel for another Python, too
            missing.append(f"{name} ({error})")
    if missing:
        yield Line("libraries", False, f"can't be loaded: {', '.join(missing)}", "install nrguard anew")
    else:
        yield Line("libraries", True, f"all {len(LIBRARIES)} load")


def _policy(path: Path, policy: Policy) -> Line:
    named = f"{len(policy.instances)} guarded, {len(policy.channels)} channels"
    secrets = any(channel.url for channel in policy.channels) or bool(policy.heartbeat and policy.heartbeat.url)
    if secrets and stat.S_IMODE(path.stat().st_mode) & stat.S_IROTH:
        fix = f"sudo chmod o-r {path}, or keep the address in a file (url_file)"
        return Line("policy", False, f"{path} holds an address and everybody can read it", fix)
    return Line("policy", True, f"{path}: {named}")


def _state(places: Places, policy: Policy | None) -> Iterator[Line]:
    try:
        store = open_store(places, readonly=True)
    except NrguardError as error:
        yield Line("state", False, error.message, error.hint)
        return
    try:
        problem = store.damage()
        fix = "stop the guard, move guard.db away, and run nrguard accept: its history is lost"
        yield Line("state", not problem, problem or f"{places.state} is sound", fix if problem else "")
        if policy is not None and not problem:
            yield from _baselines(store, policy)
            yield from _channels(store, policy)
            yield _heartbeat(store, policy)
    finally:
        store.close()


def _baselines(store: Store, policy: Policy) -> Iterator[Line]:
    for instance in policy.instances:
        baseline = store.baseline(instance.name)
        if baseline is None:
            fix = f"sudo nrguard apply --instance {instance.name}, or accept"
            yield Line("baseline", False, f"{instance.name}: nothing was accepted yet", fix)
        else:
            yield Line("baseline", True, f"{instance.name}: generation {baseline.generation}")


def _channels(store: Store, policy: Policy) -> Iterator[Line]:
    if not policy.channels:
        yield Line("channels", False, "there are none: nobody is told of anything", "name one in the policy")
        return
    reaches = {reach.label: reach for reach in store.outbox.reaches()}
    now = time.time()
    broken = _looked_at(policy.channels)
    for channel in policy.channels:
        reach, line = reaches.get(channel.label), partial(Line, f"channel {channel.label}")
        if why := broken.get(channel.label):
            yield line(False, f"can't work: {why}", "mend it in the policy, then: sudo nrguard notify test")
        elif reach and reach.failed:
            fix = "mend it in the policy" if reach.lasting else "it is tried again; is the network there?"
            yield line(False, f"{reach.detail}; {reach.waiting} waiting", fix)
        elif reach and reach.confirmed:
            yield line(True, f"confirmed a message at {moment(reach.confirmed, now)}")
        else:
            yield line(None, "has never confirmed a message", "sudo nrguard notify test")
    if not any(reach.confirmed for reach in reaches.values()):
        yield Line("channels", False, "none has ever confirmed a message", "sudo nrguard notify test")


def _looked_at(channels: Sequence[Channel]) -> dict[str, str]:
    """Return why channels can't work, by their labels, as the delivering child sees it. Nothing is sent."""
    try:
        ran = subprocess.run(
            deliver.command(), input=deliver.look_request(channels), stdout=subprocess.PIPE, check=False,
            timeout=deliver.RUN_SECONDS,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return {channel.label: "looking at it took too long" for channel in channels}
    receipts = {receipt.label: receipt for receipt in deliver.parse_receipts(ran.stdout)}
    why = {label: receipt.detail for label, receipt in receipts.items() if receipt.outcome is not Outcome.USABLE}
    return {each.label: "the delivering process fails" for each in channels if each.label not in receipts} | why


def _heartbeat(store: Store, policy: Policy) -> Line:
    if policy.heartbeat is None:
        fix = "name a monitor under heartbeat: in the policy, or nobody notices when the guard is dead"
        return Line("heartbeat", None, "there is none", fix)
    mark = store.mark(HEARTBEAT)
    if mark is None:
        return Line("heartbeat", None, "not heard yet", "start the guard")
    at = moment(mark.at, time.time())
    if mark.value:
        return Line(
            "heartbeat", False, f"not heard since {at}: {mark.value}", "is its address right, and the network there?"
        )
    return Line("heartbeat", True, f"heard at {at}")


def _guard(places: Places) -> Line:
    try:
        pid = guard_pid(places)
    except NrguardError as error:
        return Line("guard", False, error.message, error.hint)
    if pid:
        return Line("guard", True, f"runs (process {pid})")
    return Line("guard", False, "does not run", "sudo systemctl enable --now nrguard")


def _settings(name: str, path: str) -> Line:
    look = files.look(path)
    if not isinstance(look, Content):
        return Line("rights", False, f"{name}: {path} can't be read: {_why(look)}", _SUDO)
    if not os.access(os.path.dirname(path), os.W_OK):
        return Line("rights", None, f"{name}: this user may read {path}, and not put it back", _SUDO)
    return Line("rights", True, f"{name}: {path} can be read and put back")


def _why(look: object) -> str:
    return str(getattr(look, "reason", "") or getattr(look, "what", "") or "it is missing")


def _clock() -> Line:
    seen = clock.look()
    if seen.right:
        return Line("clock", True, seen.why)
    return Line("clock", None, seen.why, "timedatectl set-ntp true; until it is right, certificates can't be judged")


def _node() -> Line:
    node = shutil.which("node")
    if node:
        return Line("node", True, node)
    return Line("node", None, "not found in the PATH", "apply can't let Node itself check what it writes")


def _folders(places: Places, policy: Policy | None) -> list[str]:
    folders = [str(places.state), *(os.path.dirname(each.settings) for each in (policy.instances if policy else ()))]
    return [folder for folder in dict.fromkeys(folders) if os.path.isdir(folder)]


def _space(folder: str) -> Line:
    try:
        room = os.statvfs(folder)
    except OSError as error:
        return Line("disk", False, f"{folder}: {os.strerror(error.errno or 0)}", _SUDO)
    free = room.f_bavail * room.f_frsize
    if free < LEAST_FREE or (room.f_files and not room.f_favail):
        return Line("disk", False, f"{folder}: {free >> 20} MB free", "make room: a full disk can't be written to")
    return Line("disk", True, f"{folder}: {free >> 20} MB free")


def _inotify(places: Places) -> Line:
    fix = "sudo sysctl fs.inotify.max_user_watches=65536 fs.inotify.max_user_instances=256"
    try:
        bell = Bell()
    except OSError as error:
        return Line("inotify", False, f"none is left: {os.strerror(error.errno or 0)}", fix)
    try:
        problem = bell.watch(Watched(str(places.config.absolute())))
    finally:
        bell.close()
    return Line("inotify", not problem, problem or "a change is noticed at once", fix if problem else "")
