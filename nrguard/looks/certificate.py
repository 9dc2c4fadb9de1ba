"""The look at certificates: the key pair on disk, and the certificate that the stranger was served.

Only this child loads cryptography (17 MB). It reads the files with the identity of the Node-RED user, so that a path in
settings.js opens nothing that Node-RED itself could not open. Each distinct certificate is parsed once.
"""

from __future__ import annotations

import base64
import hashlib
import json
import pwd
import re
import resource
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding

from nrguard import selfsigned
from nrguard.certificates import Certificate, Certificates, PairFile
from nrguard.codec import to_json
from nrguard.errors import Failed
from nrguard.host.identity import as_owner, as_owner_of
from nrguard.looks.pairfile import read
from nrguard.looks.workplace import resolved
from nrguard.model import Blind

MOST = 16  # certificates of one file; real chains have two or three
_LIMIT = 15  # seconds, by the kernel: for a disk that hangs
_KEY = re.compile(rb"-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----.*?-----END \1-----", re.DOTALL)


def main() -> None:
    signal.alarm(_LIMIT)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a private key passes through our memory
    print(json.dumps(to_json(look(json.loads(sys.argv[1])))), flush=True)


def look(request: dict[str, Any]) -> Certificates:
    """Carry out a `probes.certificate.Request`."""
    names, addresses = selfsigned.host_names()
    served, unreadable = _served(base64.b64decode(request["served"]))
    with _as_node_red(request):
        key, key_text = _file(request, "key")
        cert, cert_text = _file(request, "cert")
    chain: tuple[Certificate, ...] = ()
    if isinstance(cert, PairFile) and not cert.problem:
        cert, chain = _chain(cert, cert_text)
    matches = None
    if isinstance(key, PairFile) and not key.problem:
        key, matches = _matches(key, key_text, cert_text if chain else b"")
    booted = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
    return Certificates(key, cert, chain, matches, served, unreadable, (*names, *addresses), booted)


@contextmanager
def _as_node_red(request: dict[str, Any]) -> Iterator[None]:
    """Touch files as the user of the running Node-RED, else as the owner of its folder."""
    uid = request["uid"]
    if uid < 0:
        with as_owner_of(request["folder"]):
            yield
        return
    try:
        gid = pwd.getpwuid(uid).pw_gid
    except KeyError:
        gid = uid
    with as_owner(uid, gid):
        yield


def _file(request: dict[str, Any], which: str) -> tuple[PairFile | Blind | None, bytes]:
    path = request[which]
    return read(resolved(path, request)) if path else (None, b"")


def _served(der: bytes) -> tuple[Certificate | None, str]:
    if not der:
        return None, ""
    try:
        return _understood(der), ""
    except Failed as error:
        return None, error.message


def _chain(file: PairFile, text: bytes) -> tuple[PairFile, tuple[Certificate, ...]]:
    try:
        found = x509.load_pem_x509_certificates(text)[:MOST]
        return file, tuple(_understood(one.public_bytes(Encoding.DER)) for one in found)
    except (ValueError, UnsupportedAlgorithm):
        return _broken(file, "it holds no certificate that can be read"), ()
    except Failed as error:
        return _broken(file, error.message), ()


def _matches(file: PairFile, text: bytes, cert: bytes) -> tuple[PairFile, bool | None]:
    """Return whether the key belongs to the certificate; None where one can't be told without a passphrase."""
    block = _KEY.search(text)
    if block is None:
        return _broken(file, "it holds no private key that can be read"), None
    if b"ENCRYPTED" in block[0]:
        return file, None  # settings.js may have its passphrase
    try:
        return file, selfsigned.key_matches(block[0], cert or text) if cert else None
    except Failed as error:
        return _broken(file, error.message), None


@cache
def _understood(der: bytes) -> Certificate:
    told = selfsigned.describe(der)
    return Certificate(
        subject=told.subject,
        issuer=told.issuer,
        names=told.names,
        begins=told.not_before.timestamp(),
        ends=told.not_after.timestamp(),
        key_type=told.key_type,
        key_bits=told.key_bits,
        signature=_signature(der),
        self_signed=told.self_signed or told.issuer == told.subject,  # what signs with SHA-1 is never verified
        fingerprint=hashlib.sha256(der).hexdigest(),
    )


def _signature(der: bytes) -> str:
    try:
        signed = x509.load_der_x509_certificate(der).signature_hash_algorithm
    except UnsupportedAlgorithm:
        return "an unknown algorithm"
    return signed.name if signed is not None else ""


def _broken(file: PairFile, problem: str) -> PairFile:
    return PairFile(file.path, problem, file.changed, file.exposed)
