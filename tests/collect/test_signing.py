"""Keys that sign: what they take, and that they show nothing."""

from __future__ import annotations

import sys

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from buzzguard.collect.signing import SigningKey
from buzzguard.config.secrets import Sealed, SecretError
from tests.collect.worlds.keys import Algorithm, private_key, verified


@pytest.mark.parametrize("algorithm", ["ES256", "RS256"])
def test_what_a_key_signs_can_be_checked(algorithm: Algorithm) -> None:
    key = SigningKey(Sealed(private_key(algorithm)), algorithm=algorithm, name="the key")
    claims, headers = verified(key.sign({"iss": "me"}, {"kid": "k1"}).reveal(), algorithm)
    assert claims == {"iss": "me"}
    assert headers == {"alg": algorithm, "typ": "JWT", "kid": "k1"}


def test_a_key_on_one_line_is_read() -> None:
    pem = private_key("ES256").strip().replace("\n", "\\n")
    assert SigningKey(Sealed(pem), algorithm="ES256", name="the key").sign({}, {})


def other_curve() -> str:
    key = ec.generate_private_key(ec.SECP384R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.mark.parametrize(
    ("pem", "said"),
    [
        ("", "is not a private key"),
        ("hunter2", "is not a private key"),
        ("-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----", "is not a private key"),
        (private_key("RS256"), "is a private key of another kind"),
        (other_curve(), "is a private key of another kind"),
    ],
)
def test_what_is_no_key_for_the_service_is_told_without_showing_it(pem: str, said: str) -> None:
    with pytest.raises(SecretError, match=f"the key {said}") as raised:
        SigningKey(Sealed(pem), algorithm="ES256", name="the key")
    assert raised.value.__cause__ is None
    assert "hunter2" not in str(raised.value)


def test_without_the_extra_the_command_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jwt", None)
    with pytest.raises(SecretError, match=r"pip install 'buzzguard\[reviews\]'"):
        SigningKey(Sealed(private_key("ES256")), algorithm="ES256", name="the key")
