"""`nrguard hash-pw`: a bcrypt hash that every Node-RED accepts. Only the hash goes to standard output."""

from __future__ import annotations

import argparse
import sys
import warnings
from getpass import GetPassWarning, getpass

import bcrypt

from nrguard.errors import DONE, FAILED, INTERRUPTED, Failed
from nrguard.passwords import ADVISED_LENGTH, BYTES, COSTS, bcrypt_cost, unusable

_ATTEMPTS = 3
_VERIFIABLE = 18  # half a minute on a PC
_READ_LIMIT = 64 * 1024  # far over 72 bytes: enough to tell a long password from a wrong file
_DESCRIPTION = """\
Turn a password into the bcrypt hash that Node-RED wants. On a terminal the
password is asked for twice and not shown; otherwise it is the one line on
standard input. Standard output gets the hash and nothing else.
"""
_EXAMPLES = """\
examples:
  nrguard hash-pw                       ask twice, print the hash
  nrguard hash-pw < password.txt        the one line of a file
  pass show node-red | nrguard hash-pw  from a password manager
  nrguard hash-pw --verify '$2b$12$...' does it match? mind the quotes

The hash belongs into `password` (adminAuth) or `pass` (httpNodeAuth,
httpStaticAuth), in settings.js or under `want` in the policy.

exit status:
  0  the hash was printed, or the password matches
  1  the password was refused, or does not match
  2  wrong usage, or what --verify was given is no bcrypt hash
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `hash-pw` to the command line."""
    parser = subparsers.add_parser(
        "hash-pw",
        help="turn a password into a bcrypt hash for Node-RED",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--cost",
        type=_cost,
        default=12,
        metavar=f"{COSTS[0]}..{COSTS[-1]}",
        help="work for each login; one more doubles it (default: 12)",
    )
    what.add_argument("--verify", type=_bcrypt_hash, metavar="HASH", help="answer yes or no instead: does it match?")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Hash or verify. Raise `Failed` for a password that Node-RED could not be given."""
    try:
        return _hash(args.cost) if args.verify is None else _verify(args.verify)
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return INTERRUPTED


def _hash(cost: int) -> int:
    password = _password(twice=True)
    if len(password) < ADVISED_LENGTH:
        print(f"note: shorter than {ADVISED_LENGTH} characters, which is soon guessed", file=sys.stderr)
    # $2b$ is what native bcrypt (Node-RED 2 and 3) and the later libraries accept alike; $2y$ is not.
    print(bcrypt.hashpw(password.encode(), bcrypt.gensalt(cost, prefix=b"2b")).decode("ascii"))
    return DONE


def _verify(hashed: str) -> int:
    matches = bcrypt.checkpw(_password(twice=False).encode(), hashed.encode("ascii"))
    print("yes" if matches else "no")
    return DONE if matches else FAILED


def _password(*, twice: bool) -> str:
    if sys.stdin is None:
        raise Failed("standard input is closed", "run it on a terminal, or give the password as one line")
    if not sys.stdin.isatty():
        return _usable(_only_line(sys.stdin.buffer.read(_READ_LIMIT)))
    for _ in range(_ATTEMPTS):
        password = _usable(_prompt("Password: "))
        if not twice or _prompt("Once more: ") == password:
            return password
        print("the two were not the same", file=sys.stderr)
    raise Failed(f"the two passwords differed {_ATTEMPTS} times", "nothing was hashed")


def _usable(password: str) -> str:
    if reason := unusable(password):
        raise Failed(reason, "choose another password")
    return password


def _only_line(data: bytes) -> str:
    """Return the line without its end; everything else in it, spaces too, belongs to the password."""
    line = data[:-2] if data.endswith(b"\r\n") else data.removesuffix(b"\n")
    if b"\n" in line:
        raise Failed("standard input has more than one line", "a password is exactly one line")
    if len(data) == _READ_LIMIT:
        raise Failed(f"the line on standard input is far longer than the {BYTES} bytes that bcrypt reads")
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        raise Failed("the password is not valid UTF-8", "Node-RED gets passwords as UTF-8") from None


def _prompt(prompt: str) -> str:
    """Ask on the terminal without echo; refuse where the echo can't be switched off."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", GetPassWarning)
        try:
            return getpass(prompt)
        except GetPassWarning:
            raise Failed("this terminal would show the password", "give it as one line on standard input") from None
        except UnicodeDecodeError:
            raise Failed("the password is not valid text here", "is the terminal set to UTF-8?") from None
        except EOFError:
            raise Failed("no password was typed") from None


def _cost(text: str) -> int:
    if text.isascii() and text.isdigit() and int(text) in COSTS:
        return int(text)
    raise argparse.ArgumentTypeError(f"a whole number from {COSTS[0]} to {COSTS[-1]} is wanted")


def _bcrypt_hash(text: str) -> str:
    cost = bcrypt_cost(text)
    if cost is not None and cost > _VERIFIABLE:
        raise argparse.ArgumentTypeError(f"a hash of cost {cost} would take hours to check, and a login as long")
    if cost is None:
        raise argparse.ArgumentTypeError("not a bcrypt hash ($2a$, $2b$ or $2y$); quote it: '$2b$...'")
    return text
