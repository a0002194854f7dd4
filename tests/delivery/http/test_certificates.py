import ssl
from datetime import UTC, datetime

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from delivery.http.outcomes import Accepted, TlsFailed
from tests.delivery.http.conftest import OK, Send, Serve, answering


def presenting(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


@pytest.mark.parametrize(
    ("names", "host"),
    [
        (["*.receiver.example"], "a.receiver.example"),
        (["other.example", "Receiver.Example"], "receiver.example"),
        (["127.0.0.1"], "127.0.0.1"),
    ],
)
def test_a_certificate_is_for_the_names_and_addresses_it_lists(
    serve: Serve, send: Send, authority: trustme.CA, names: list[str], host: str
) -> None:
    receiver = serve(answering(OK), tls=presenting(authority, *names))

    assert isinstance(send(f"https://{host}:{receiver.port}/"), Accepted)


@pytest.mark.parametrize(
    ("name", "host"),
    [
        ("*.receiver.example", "a.b.receiver.example"),
        ("*.receiver.example", "receiver.example"),
        ("receiver.example", "127.0.0.1"),
        ("127.0.0.2", "127.0.0.1"),
        ("127.0.0.1", "receiver.example"),
    ],
)
def test_a_certificate_is_for_no_others(
    serve: Serve, send: Send, authority: trustme.CA, name: str, host: str
) -> None:
    receiver = serve(answering(OK), tls=presenting(authority, name))

    assert isinstance(send(f"https://{host}:{receiver.port}/"), TlsFailed)
    assert not receiver.requests


def test_a_certificate_that_has_ended_is_refused(
    serve: Serve, send: Send, authority: trustme.CA
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ended = datetime(2020, 1, 1, tzinfo=UTC)
    authority.issue_cert("receiver.example", not_after=ended).configure_cert(context)

    outcome = send(f"https://receiver.example:{serve(answering(OK), tls=context).port}/")

    assert isinstance(outcome, TlsFailed)
    assert "expired" in outcome.error_message


def with_a_common_name_only(authority: trustme.CA, name: str) -> trustme.Blob:
    """Make a key and a certificate that names its host as was done before 2000."""
    issuer = x509.load_pem_x509_certificate(authority.cert_pem.bytes())
    signer = load_pem_private_key(authority.private_key_pem.bytes(), password=None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2099, 1, 1, tzinfo=UTC))
        .sign(signer, SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return trustme.Blob(private + certificate.public_bytes(Encoding.PEM))


def test_a_certificate_without_a_list_of_names_is_for_no_host(
    serve: Serve, send: Send, authority: trustme.CA
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with with_a_common_name_only(authority, "receiver.example").tempfile() as file:
        context.load_cert_chain(file)
    receiver = serve(answering(OK), tls=context)

    assert isinstance(send(f"https://receiver.example:{receiver.port}/"), TlsFailed)
    assert not receiver.requests
