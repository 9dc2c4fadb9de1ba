"""Can this computer itself be entered with what everybody knows?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nrguard.checks import check
from nrguard.model import Blind, Severity
from nrguard.probes.host import Host, Root, Ssh, Users
from nrguard.seen import Finding, Remedy, Seen


@dataclass(frozen=True, slots=True)
class HostRule:
    password: Severity = Severity.NOTE
    ssh: Severity = Severity.NOTE
    root: Severity = Severity.NOTE


@check("host", rule=HostRule)
def host(seen: Seen, rule: HostRule) -> Iterator[Finding]:
    """A way into this computer that no setting of Node-RED's closes: advice, no alarm.

    A user whose password is still the one that the image came with, SSH that lets passwords in from the network, and a
    Node-RED whose user becomes root without a password: then whoever edits flows owns the whole computer, nrguard
    included.
    """
    part = seen.parts.get("host")
    if not isinstance(part, Host):
        return
    if isinstance(part.users, Users):
        yield from _passwords(part.users, rule.password)
    if isinstance(part.ssh, Ssh) and part.ssh.passwords and part.ssh.addresses:
        yield Finding(
            "host", "ssh", rule.ssh,
            saw=f"SSH takes passwords on {', '.join(part.ssh.addresses[:3])} ({part.ssh.passwords})",
            want="SSH with keys only", remedy=Remedy.OWNER,
            hint="once your key works: `PasswordAuthentication no` in /etc/ssh/sshd_config.d/",
        )  # fmt: skip
    if part.root is not None:
        yield from _root(part.root, rule.root)


def _passwords(users: Users, severity: Severity) -> Iterator[Finding]:
    for names, what in ((users.known, "a password that everybody knows"), (users.empty, "no password")):
        for name in names:
            yield Finding(
                "host", f"user {name}", severity,
                saw=f"the user {name} has {what}", want="a password of your own", remedy=Remedy.OWNER,
                hint=f"sudo passwd {name}",
            )  # fmt: skip


def _root(root: Root, severity: Severity) -> Iterator[Finding]:
    ways = [f"the group {group}" for group in root.groups]
    if not isinstance(root.sudo, Blind) and root.sudo:
        ways.insert(0, f"sudo without a password ({root.sudo})")
    if ways:
        yield Finding(
            "host", "root", severity,
            saw=f"Node-RED's user {root.user} is as good as root: {', '.join(ways)}",
            want="a user with no more rights than Node-RED needs", remedy=Remedy.OWNER,
            hint="whoever edits flows can then do anything on this computer; run Node-RED as a user of its own",
        )  # fmt: skip
