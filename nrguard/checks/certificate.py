"""Are key and certificate a pair that is fit to protect anything?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nrguard.certificates import Certificate, Certificates, PairFile, certificates_of
from nrguard.checks import check
from nrguard.model import Severity
from nrguard.seen import Finding, Remedy, Seen

_WEAK_HASHES = ("md2", "md4", "md5", "sha1")
_LEAST_BITS = {"RSA": 2048, "EC": 224, "DSA": 1 << 20}  # browsers take no DSA key of any size


@dataclass(frozen=True, slots=True)
class CertificateRule:
    severity: Severity = Severity.CRITICAL  # of a pair that Node-RED can't start with
    weak: Severity = Severity.WARNING
    exposed: Severity = Severity.WARNING


@check("certificate", rule=CertificateRule)
def certificate(seen: Seen, rule: CertificateRule) -> Iterator[Finding]:
    """The key pair on disk does not work, is weak, or its key can be read by others.

    With a missing file, or a key that belongs to another certificate, the running Node-RED goes on as it is and the
    next start fails: without an error status, and without anything listening. A key that every user of this computer
    may read protects nothing; keys of less than 2048 bits (RSA) and signatures with MD5 or SHA-1 can be forged.
    """
    part = certificates_of(seen)
    if part is None:
        return
    yield from _files(part, rule)
    yield from _exposed(part, rule)
    yield from _weak(part, rule)
    if part.unreadable:
        yield Finding(
            "certificate", "served", rule.weak,
            saw=f"the certificate served can't be understood: {part.unreadable}", want="a proper certificate",
            remedy=Remedy.OWNER, hint="make a new one, then restart Node-RED",
        )  # fmt: skip


def _files(part: Certificates, rule: CertificateRule) -> Iterator[Finding]:
    """Judge what the next start of Node-RED depends on."""
    for subject, file in (("key", part.key), ("certificate", part.cert)):
        if isinstance(file, PairFile) and file.problem:
            yield Finding(
                "certificate", subject, rule.severity,
                saw=f"{file.path}: {file.problem}", want=f"a {subject} that Node-RED can use", remedy=Remedy.OWNER,
                hint="put it right before Node-RED is restarted: it would not start",
            )  # fmt: skip
    if part.matches is False and isinstance(part.key, PairFile) and isinstance(part.cert, PairFile):
        yield Finding(
            "certificate", "pair", rule.severity,
            saw=f"the key {part.key.path} does not belong to the certificate {part.cert.path}",
            want="a key and its certificate", remedy=Remedy.OWNER,
            hint="put it right before Node-RED is restarted: it would not start",
        )  # fmt: skip


def _exposed(part: Certificates, rule: CertificateRule) -> Iterator[Finding]:
    if isinstance(part.key, PairFile) and part.key.exposed:
        yield Finding(
            "certificate", "key file", rule.exposed,
            saw=f"every user of this computer may {part.key.exposed} the private key {part.key.path}",
            want="a key that only Node-RED can read", remedy=Remedy.OWNER,
            hint=f"chmod o= {part.key.path}",
        )  # fmt: skip


def _weak(part: Certificates, rule: CertificateRule) -> Iterator[Finding]:
    for subject, one in _each(part):
        how = _weakness(one)
        if how:
            yield Finding(
                "certificate", subject, rule.weak,
                saw=f"{how} ({one.subject})", want="RSA from 2048 bits or EC from 224, and SHA-256",
                remedy=Remedy.OWNER, hint="make or request a new one, then restart Node-RED",
            )  # fmt: skip


def _each(part: Certificates) -> Iterator[tuple[str, Certificate]]:
    """Yield each certificate that a client has to rely on, once; roots in the file are of no effect."""
    leaf, served = part.leaf, part.served
    if served is not None:
        yield "weak", served
    if leaf is not None and (served is None or leaf.fingerprint != served.fingerprint):
        yield "weak on disk", leaf
    yield from (("weak intermediate", one) for one in part.chain[1:] if not one.self_signed)


def _weakness(one: Certificate) -> str:
    least = _LEAST_BITS.get(one.key_type, 0)
    if one.key_bits < least:
        return f"a weak key: {one.key_type} with {one.key_bits} bits"
    if one.signature in _WEAK_HASHES and not one.self_signed:  # nobody relies on what it says of itself
        return f"a weak signature: {one.signature}"
    return ""
