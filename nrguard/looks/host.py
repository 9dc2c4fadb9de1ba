"""Look at how this computer itself can be entered, and print it: names only, no password and no hash."""

from __future__ import annotations

import glob
import grp
import json
import os
import pwd
import sys
from collections.abc import Iterator, Sequence

from nrguard.codec import from_json, to_json
from nrguard.escape import visible
from nrguard.host.access import people, user_name
from nrguard.host.folder import explained
from nrguard.host.passwords import Fits, by_libcrypt
from nrguard.host.sockets import listeners
from nrguard.looks import sshd, sudoers
from nrguard.model import Blind
from nrguard.probes.host import Host, Request, Root, Ssh, Users

_KNOWN = {
    "pi": ("raspberry",), "root": ("root", "toor", "1234", "raspberry", "dietpi"), "ubuntu": ("ubuntu",),
    "debian": ("debian", "temppwd"), "dietpi": ("dietpi",), "orangepi": ("orangepi",), "odroid": ("odroid",),
    "osmc": ("osmc",), "volumio": ("volumio",), "alarm": ("alarm",),
}  # fmt: skip
"""What the images of small computers come, or came, with."""
_FOR_ALL = ("raspberry", "password")
_MOST_USERS = 6  # each try is made slow on purpose
_AS_ROOT = ("docker", "lxd", "incus-admin", "disk")  # whoever is in one of them can write any file of this computer
_LONGEST = 256 * 1024  # bytes of one file
_DEEPEST = 16  # includes in includes


def main() -> None:
    """Print what `look` gives as one line of JSON."""
    os.nice(10)  # nobody waits for it
    print(json.dumps(to_json(look(from_json(Request, json.loads(sys.argv[1]))))))


def look(request: Request) -> Host:
    """Return how this computer can be entered, and whether the user `request.uid` is as good as root."""
    return Host(_users(), _ssh(), _root(request.uid) if request.uid > 0 else None)


def _users() -> Users | Blind:
    try:
        lines = _text("/etc/shadow").splitlines()
    except OSError as error:
        return _blind("/etc/shadow", error)
    fits = by_libcrypt()
    if fits is None:
        return Blind("the C library's crypt(3) can't be loaded: passwords can't be tried", note=True)
    return tried([(line.split(":")[0], line.split(":")[1]) for line in lines if ":" in line], fits)


def tried(shadow: Sequence[tuple[str, str]], fits: Fits) -> Users:
    """Return whose password is known or missing, of the users in `shadow`: pairs of a name and a hash."""
    wanted = {"root", *_KNOWN, *people().values()}
    entries = [(name, hashed) for name, hashed in shadow if name in wanted]
    hashes = [(name, hashed) for name, hashed in entries if hashed.startswith("$")][:_MOST_USERS]
    return Users(
        known=tuple(name for name, hashed in hashes if any(fits(one, hashed) for one in _candidates(name))),
        empty=tuple(name for name, hashed in entries if not hashed),
    )


def _candidates(name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*_KNOWN.get(name, ()), name, *_FOR_ALL)))


def _ssh() -> Ssh | Blind:
    try:
        said = sshd.understood(_sshd_lines("/etc/ssh/sshd_config"))
    except FileNotFoundError:
        return Ssh("", ())
    except OSError as error:
        return _blind(str(error.filename), error)
    open_at: list[str] = []
    for port in said.ports:
        found = listeners(port)
        if isinstance(found, Blind):
            return found
        open_at += [f"{one.address}:{port}" for one in found if not one.address.startswith(("127.", "::1"))]
    return Ssh(said.passwords, tuple(open_at))


def _sshd_lines(path: str, depth: int = 0) -> Iterator[sshd.Line]:
    for number, text in enumerate(_text(path).splitlines(), 1):
        found = sshd.words(text)
        if found[:1] and found[0].lower() == "include" and depth < _DEEPEST:
            for pattern in found[1:]:
                for included in sorted(glob.glob(os.path.join("/etc/ssh", pattern))):
                    yield from _sshd_lines(included, depth + 1)
        else:
            yield sshd.Line(f"{path}:{number}", text)


def _root(uid: int) -> Root:
    name = user_name(uid)
    groups = _groups(name)
    try:
        rule = sudoers.passwordless(_sudo_lines("/etc/sudoers"), sudoers.Who(name, uid, groups))
    except FileNotFoundError:
        rule = ""
    except OSError as error:
        return Root(name, _blind(str(error.filename), error), tuple(one for one in _AS_ROOT if one in groups))
    return Root(name, rule, tuple(one for one in _AS_ROOT if one in groups))


def _groups(name: str) -> frozenset[str]:
    try:
        ids = os.getgrouplist(name, pwd.getpwnam(name).pw_gid)
    except KeyError:
        return frozenset()
    return frozenset(entry.gr_name for entry in grp.getgrall() if entry.gr_gid in ids)


def _sudo_lines(path: str, depth: int = 0) -> Iterator[sudoers.Line]:
    for number, text in _logical(_text(path)):
        command, _, rest = text.partition(" ")
        if command in ("@include", "#include") and depth < _DEEPEST:
            yield from _sudo_lines(os.path.join("/etc", rest.strip()), depth + 1)
        elif command in ("@includedir", "#includedir") and depth < _DEEPEST:
            folder = os.path.join("/etc", rest.strip())
            for name in sorted(os.listdir(folder)):
                if "." not in name and not name.endswith("~"):  # sudo passes over packages' leavings
                    yield from _sudo_lines(os.path.join(folder, name), depth + 1)
        elif text and not (text.startswith("#") and not text[1:2].isdecimal()):
            yield sudoers.Line(f"{path}:{number}", text)


def _logical(text: str) -> Iterator[tuple[int, str]]:
    """Yield (number, line), a line that ends in a backslash together with the next."""
    started, whole = 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        started = started or number
        if line.endswith("\\"):
            whole += line[:-1]
            continue
        yield started, (whole + line).strip()
        started, whole = 0, ""


def _text(path: str) -> str:
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read(_LONGEST)


def _blind(path: str, error: OSError) -> Blind:
    return Blind(f"{visible(path)}: {explained(error)}", note=isinstance(error, PermissionError))
