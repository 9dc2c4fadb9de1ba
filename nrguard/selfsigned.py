"""Certificates: make a self-signed one for this host, say what one holds. No I/O but in `host_names`.

The only module of nrguard's own that imports cryptography (17 MB resident), so only commands and short-lived children
import it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

import psutil
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from nrguard.errors import Failed

DAYS = 825
"""How long a certificate stands, its day of leeway included. Browsers hold only public authorities to 398 days and
less; Apple's devices refuse any server certificate over 825 days, the owner's own included."""

_LEEWAY = timedelta(days=1)  # a phone or a Pi whose clock is behind must not see a certificate from the future
_HOST_NAME = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*")
_UNIQUE_LOCAL = ip_network("fc00::/7")
_INNER_INTERFACES = ("docker", "br-", "veth", "virbr", "lo")  # nobody reaches Node-RED through them


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a certificate says. `names` holds its host names and addresses as clients compare them."""

    subject: str
    issuer: str
    names: tuple[str, ...]
    not_before: datetime
    not_after: datetime
    key_type: str  # "EC", "RSA", or what else cryptography calls it
    key_bits: int  # 0 where it has no such measure
    self_signed: bool
    fingerprint: str  # SHA-256 in hexadecimal, as browsers show it without colons


def make(
    names: Sequence[str], addresses: Sequence[str], *, days: int = DAYS, now: datetime, key: bytes | None = None
) -> tuple[bytes, bytes]:
    """Return a private key and a certificate over it, both PEM, for these host names and addresses, and for loopback.

    An EC P-256 key, or `key` (PEM) again: devices that trust the key by hand then go on doing so. `now` is aware. It
    is no authority (CA:FALSE), so that whoever steals the key can't pose as other sites to those who trust it.
    """
    private = ec.generate_private_key(ec.SECP256R1()) if key is None else _private(key)
    if not isinstance(private, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise Failed("the key is neither EC nor RSA", "remove it: a new one is made")
    hosts = _hosts(names)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0][:64])])
    identifier = x509.SubjectKeyIdentifier.from_public_key(private.public_key())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _LEEWAY)
        .not_valid_after(now - _LEEWAY + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(_alternatives(hosts, addresses)), critical=False)
        .add_extension(_signing_only(), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(identifier, critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
        .sign(private, hashes.SHA256())
    )
    return _pem(private), certificate.public_bytes(serialization.Encoding.PEM)


def host_names() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names and the addresses by which others reach this host, asking no name server.

    IPv6 addresses only where they are the network's own (fc00::/7): the public ones change every day, and a
    certificate would tell them to everybody.
    """
    full = os.uname().nodename.rstrip(".")
    short = full.partition(".")[0]
    names = dict.fromkeys(name for name in (short, f"{short}.local", full) if _HOST_NAME.fullmatch(name))
    found = []
    for interface, entries in psutil.net_if_addrs().items():
        if not interface.startswith(_INNER_INTERFACES):
            found += [entry.address for entry in entries if _lasting(entry.address)]
    return tuple(names), tuple(dict.fromkeys(found))


def describe(data: bytes) -> Certificate:
    """Return what a certificate says: one in DER, or the first in a PEM text. Raise `Failed` where there is none."""
    certificate = _certificate(data)
    public = certificate.public_key()
    return Certificate(
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        names=_names(certificate),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        key_type="EC" if isinstance(public, ec.EllipticCurvePublicKey) else type(public).__name__.partition("Pub")[0],
        key_bits=getattr(public, "key_size", 0),
        self_signed=_self_signed(certificate),
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
    )


def key_matches(key: bytes, certificate: bytes) -> bool:
    """Tell whether `key` (PEM) belongs to `certificate`. Raise `Failed` where one of them can't be read."""
    return _public_bytes(_private(key).public_key()) == _public_bytes(_certificate(certificate).public_key())


def _hosts(names: Sequence[str]) -> list[str]:
    """Return the names that a certificate may hold, in order, with localhost as the last."""
    return [name for name in dict.fromkeys([*names, "localhost"]) if _HOST_NAME.fullmatch(name)]


def _alternatives(hosts: Sequence[str], addresses: Sequence[str]) -> list[x509.GeneralName]:
    found = dict.fromkeys(ip_address(address) for address in [*addresses, "127.0.0.1", "::1"])
    return [*(x509.DNSName(host) for host in hosts), *(x509.IPAddress(address) for address in found)]


def _signing_only() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _lasting(text: str) -> bool:
    """Is it an address under which this host will still be reached tomorrow? (Also asked of hardware addresses.)"""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if address.is_loopback or address.is_link_local:
        return False
    return address.version == 4 or address in _UNIQUE_LOCAL


def _certificate(data: bytes) -> x509.Certificate:
    try:
        der = data[:1] == b"\x30"  # an ASN.1 sequence
        found = x509.load_der_x509_certificate(data) if der else x509.load_pem_x509_certificates(data)[0]
        found.public_key()  # read late by cryptography, and just as foreign as the rest
    except (ValueError, UnsupportedAlgorithm):
        raise Failed("this is no certificate that can be read", "a PEM file begins with BEGIN CERTIFICATE") from None
    return found


def _private(pem: bytes) -> PrivateKeyTypes:
    try:
        return serialization.load_pem_private_key(pem, password=None)
    except (ValueError, UnsupportedAlgorithm):
        raise Failed("this is no private key that can be read", "a PEM file begins with BEGIN PRIVATE KEY") from None
    except TypeError:  # what cryptography raises where a password is needed
        raise Failed("the private key has a password", "Node-RED needs one without: openssl pkey -in KEY") from None


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):  # ValueError: an extension that is no proper ASN.1
        return ()
    addresses = found.get_values_for_type(x509.IPAddress)
    return (*found.get_values_for_type(x509.DNSName), *(str(address) for address in addresses))


def _self_signed(certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(certificate)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):  # which one is a matter of the key's kind
        return False
    return True


def _public_bytes(public: PublicKeyTypes) -> bytes:
    return public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
