"""Certificates, good and bad, made anew each time by an authority that nobody else trusts."""

from __future__ import annotations

import enum
import ssl
import warnings
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

NAME = "localhost"
"""The name, besides the address 127.0.0.1, in certificates without a flaw."""


class Flaw(enum.Enum):
    """What is wrong with a certificate, or with the TLS it is shown over."""

    NONE = enum.auto()
    SELF_SIGNED = enum.auto()
    UNKNOWN_AUTHORITY = enum.auto()
    EXPIRED = enum.auto()
    NOT_YET_VALID = enum.auto()
    WRONG_NAME = enum.auto()
    ONLY_COMMON_NAME = enum.auto()
    TLS_1_0 = enum.auto()
    TLS_1_1 = enum.auto()


_OLD_VERSIONS = {Flaw.TLS_1_0: ssl.TLSVersion.TLSv1, Flaw.TLS_1_1: ssl.TLSVersion.TLSv1_1}
_VALID_FOR = timedelta(days=1)
_HERE = (x509.DNSName(NAME), x509.IPAddress(IPv4Address("127.0.0.1")))
_ELSEWHERE = (x509.DNSName("receiver.example"),)


class Authority:
    """A certificate authority whose key is nowhere but in memory."""

    def __init__(self, common_name: str, *, now: datetime) -> None:
        self._now = now
        self._key = generate_private_key(SECP256R1())
        self._name = _name(common_name)
        # A minute back, for clients whose clocks are a little behind.
        begun = _builder(self._name, begins=now - timedelta(minutes=1), ends=now + _VALID_FOR)
        self.certificate = (
            begun.issuer_name(self._name)
            .public_key(self._key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_CA_USAGE, critical=True)
            .add_extension(self._key_identifier, critical=False)
            .sign(self._key, SHA256())
        )

    def issue(self, flaw: Flaw, *, key: EllipticCurvePrivateKey) -> x509.Certificate:
        """Certify a key for `NAME` and 127.0.0.1, but for the flaw."""
        begins = self._now - timedelta(minutes=1)
        if flaw is Flaw.EXPIRED:
            begins -= 2 * _VALID_FOR
        elif flaw is Flaw.NOT_YET_VALID:
            begins += _VALID_FOR
        builder = _builder(_name(NAME), begins=begins, ends=begins + _VALID_FOR)
        builder = builder.public_key(key.public_key())
        if flaw is not Flaw.ONLY_COMMON_NAME:
            names = _ELSEWHERE if flaw is Flaw.WRONG_NAME else _HERE
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        if flaw is Flaw.SELF_SIGNED:
            return builder.issuer_name(_name(NAME)).sign(key, SHA256())
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = builder.issuer_name(self._name).add_extension(issuer, critical=False)
        return builder.sign(self._key, SHA256())

    @property
    def _key_identifier(self) -> x509.SubjectKeyIdentifier:
        return x509.SubjectKeyIdentifier.from_public_key(self._key.public_key())


_CA_USAGE = x509.KeyUsage(
    key_cert_sign=True,
    crl_sign=True,
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    encipher_only=False,
    decipher_only=False,
)


def write_certificates(
    folder: Path, *, now: datetime
) -> tuple[Path, Mapping[Flaw, ssl.SSLContext]]:
    """Make an authority; return the file to trust it by, and a server's context for each flaw.

    Files are written to `folder`, keys among them.
    """
    authority = Authority("Hookline hostile receiver", now=now)
    stranger = Authority("An authority that nobody trusts", now=now)
    ca_file = folder / "ca.pem"
    ca_file.write_bytes(authority.certificate.public_bytes(Encoding.PEM))
    contexts = {}
    for flaw in Flaw:
        key = generate_private_key(SECP256R1())
        issuer = stranger if flaw is Flaw.UNKNOWN_AUTHORITY else authority
        pem = folder / f"{flaw.name.lower()}.pem"
        pem.touch(mode=0o600)
        pem.write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            + issuer.issue(flaw, key=key).public_bytes(Encoding.PEM)
        )
        contexts[flaw] = _context(flaw, pem=pem)
    return ca_file, contexts


def _context(flaw: Flaw, *, pem: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    if version := _OLD_VERSIONS.get(flaw):
        # Without this level OpenSSL does not speak them at all.
        context.set_ciphers("ALL:@SECLEVEL=0")
        with warnings.catch_warnings():
            # That nobody should speak them any more is the point.
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = context.maximum_version = version
    return context


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _builder(subject: x509.Name, *, begins: datetime, ends: datetime) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins.astimezone(UTC))
        .not_valid_after(ends.astimezone(UTC))
    )
