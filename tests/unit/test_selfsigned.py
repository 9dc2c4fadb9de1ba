"""Certificates are judged by those who have to accept them: OpenSSL's strict checks and Node."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from nrguard.errors import Failed
from nrguard.selfsigned import DAYS, describe, host_names, key_matches, make

NOW = datetime.now(UTC).replace(microsecond=0)


@contextmanager
def tls_server(folder: Path, key: bytes, certificate: bytes) -> Iterator[int]:
    """Answer TLS handshakes on a free loopback port until the block ends."""
    (folder / "key.pem").write_bytes(key)
    (folder / "cert.pem").write_bytes(certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=_answer, args=(listener, context))
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)
        listener.close()


def _answer(listener: socket.socket, context: ssl.SSLContext) -> None:
    while True:
        try:
            plain, _ = listener.accept()
        except OSError:  # the block ended
            return
        try:
            with plain, context.wrap_socket(plain, server_side=True) as secure:
                secure.recv(1)
        except OSError:  # the client refused the certificate, or left
            continue


def handshake(port: int, trusted: bytes, name: str) -> str:
    """Return the TLS version that a strict client agrees on, or why it refuses."""
    context = ssl.create_default_context(cadata=trusted.decode())
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    try:
        plain = socket.create_connection(("127.0.0.1", port), 5)
        with plain, context.wrap_socket(plain, server_hostname=name) as secure:
            return secure.version() or ""
    except ssl.SSLCertVerificationError as refusal:
        return refusal.verify_message


@pytest.mark.real
@pytest.mark.parametrize("name", ["pi4-hall", "pi4-hall.local", "localhost", "127.0.0.1", "::1", "192.168.1.20"])
def test_a_strict_client_accepts_every_name_and_address(tmp_path: Path, name: str) -> None:
    key, certificate = make(["pi4-hall", "pi4-hall.local"], ["192.168.1.20"], now=NOW)
    with tls_server(tmp_path, key, certificate) as port:
        assert handshake(port, certificate, name) == "TLSv1.3"


@pytest.mark.real
def test_a_strict_client_refuses_another_name(tmp_path: Path) -> None:
    key, certificate = make(["pi4-hall"], [], now=NOW)
    with tls_server(tmp_path, key, certificate) as port:
        assert "mismatch" in handshake(port, certificate, "bank.example")


@pytest.mark.real
@pytest.mark.parametrize(("then", "refusal"), [(timedelta(days=-900), "expired"), (timedelta(days=3), "not yet valid")])
def test_a_client_refuses_it_outside_its_time(tmp_path: Path, then: timedelta, refusal: str) -> None:
    key, certificate = make(["pi4-hall"], [], now=NOW + then)
    with tls_server(tmp_path, key, certificate) as port:
        assert refusal in handshake(port, certificate, "pi4-hall")


@pytest.mark.real
def test_a_client_whose_clock_is_hours_behind_accepts_it(tmp_path: Path) -> None:
    key, certificate = make(["pi4-hall"], [], now=NOW + timedelta(hours=23))
    with tls_server(tmp_path, key, certificate) as port:
        assert handshake(port, certificate, "pi4-hall") == "TLSv1.3"


@pytest.mark.real
@pytest.mark.skipif(shutil.which("node") is None, reason="no node on PATH")
def test_node_serves_it_and_node_trusts_it(tmp_path: Path) -> None:
    key, certificate = make(["pi4-hall"], [], now=NOW)
    (tmp_path / "key.pem").write_bytes(key)
    (tmp_path / "cert.pem").write_bytes(certificate)
    script = """
      const https = require("https"), fs = require("fs");
      const pair = { key: fs.readFileSync("key.pem"), cert: fs.readFileSync("cert.pem") };
      const server = https.createServer(pair, (request, response) => response.end("served"));
      server.listen(0, "127.0.0.1", () => {
        const ask = { host: "127.0.0.1", port: server.address().port, servername: "pi4-hall", ca: pair.cert };
        https.get(ask, (answer) => {
          console.log(answer.socket.authorized, answer.statusCode);
          server.close();
          answer.destroy();
        });
      });
    """
    ran = subprocess.run(["node", "-e", script], cwd=tmp_path, capture_output=True, text=True, timeout=30, check=False)
    assert (ran.stdout.strip(), ran.stderr) == ("true 200", "")


def test_it_says_what_it_was_made_with() -> None:
    key, certificate = make(["pi4-hall", "pi4-hall.local"], ["192.168.1.20", "fd00::7"], now=NOW)
    said = describe(certificate)
    assert said.names == (
        "pi4-hall", "pi4-hall.local", "localhost", "192.168.1.20", "fd00::7", "127.0.0.1", "::1",
    )  # fmt: skip
    assert (said.subject, said.issuer, said.self_signed) == ("CN=pi4-hall", "CN=pi4-hall", True)
    assert (said.key_type, said.key_bits) == ("EC", 256)
    assert said.not_before == NOW - timedelta(days=1)
    assert said.not_after - said.not_before == timedelta(days=DAYS)
    assert key.startswith(b"-----BEGIN PRIVATE KEY-----")


def test_it_is_no_authority() -> None:
    _, certificate = make(["pi4-hall"], [], now=NOW)
    constraints = x509.load_pem_x509_certificate(certificate).extensions.get_extension_for_class(x509.BasicConstraints)
    assert constraints.critical
    assert constraints.value.ca is False


def test_two_certificates_have_different_keys_and_serials() -> None:
    pairs = [make(["pi4-hall"], [], now=NOW) for _ in range(2)]
    serials = {x509.load_pem_x509_certificate(certificate).serial_number for _, certificate in pairs}
    assert len(serials) == 2
    assert not key_matches(pairs[0][0], pairs[1][1])
    assert key_matches(*pairs[0])


def test_a_renewed_certificate_keeps_its_key() -> None:
    key, first = make(["pi4-hall"], [], now=NOW - timedelta(days=800))
    same_key, second = make(["pi4-hall"], [], now=NOW, key=key)
    assert same_key == key
    assert first != second
    assert key_matches(key, second)


def test_names_that_no_certificate_may_hold_are_left_out() -> None:
    _, certificate = make(["pi_4", "-pi", "wohnzimmer-ü", "a" * 64, "ok.local", ""], [], now=NOW)
    assert describe(certificate).names[:2] == ("ok.local", "localhost")


def test_a_long_host_name_still_makes_a_certificate() -> None:
    name = ".".join(["a" * 60] * 3)
    _, certificate = make([name], [], now=NOW)
    assert name in describe(certificate).names


def test_der_from_the_wire_reads_like_pem() -> None:
    _, certificate = make(["pi4-hall"], [], now=NOW)
    der = x509.load_pem_x509_certificate(certificate).public_bytes(serialization.Encoding.DER)
    assert describe(der) == describe(certificate)


def test_the_fingerprint_is_the_one_that_openssl_computes() -> None:
    _, certificate = make(["pi4-hall"], [], now=NOW)
    der = ssl.PEM_cert_to_DER_cert(certificate.decode())
    digest = hashes.Hash(hashes.SHA256())
    digest.update(der)
    assert describe(certificate).fingerprint == digest.finalize().hex()


def test_a_certificate_of_somebody_else_is_not_self_signed() -> None:
    authority, leaf = ed25519.Ed25519PrivateKey.generate(), rsa.generate_private_key(65537, 2048)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "leaf")]))
        .issuer_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "home authority")]))
        .public_key(leaf.public_key())
        .serial_number(7)
        .not_valid_before(NOW)
        .not_valid_after(NOW + timedelta(days=90))
        .sign(authority, None)
    )
    said = describe(certificate.public_bytes(serialization.Encoding.PEM))
    assert (said.issuer, said.self_signed, said.names) == ("CN=home authority", False, ())
    assert (said.key_type, said.key_bits) == ("RSA", 2048)


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"\x30\x03abc", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"]
)
def test_what_is_no_certificate_is_named_as_such(data: bytes) -> None:
    with pytest.raises(Failed, match="no certificate"):
        describe(data)


def test_a_key_with_a_password_is_named_as_such() -> None:
    key, certificate = make(["pi4-hall"], [], now=NOW)
    locked = serialization.load_pem_private_key(key, None).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"x")
    )
    with pytest.raises(Failed, match="has a password"):
        key_matches(locked, certificate)
    with pytest.raises(Failed, match="no private key"):
        key_matches(b"junk", certificate)


def test_host_names_are_names_and_addresses_that_a_certificate_takes() -> None:
    names, addresses = host_names()
    assert all(not ip_address(address).is_loopback for address in addresses)
    _, certificate = make(names, addresses, now=NOW)
    assert set(names) | set(addresses) <= set(describe(certificate).names)
