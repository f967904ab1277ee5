"""Private keys, made once for all tests, and the check of what they signed."""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

Algorithm = Literal["ES256", "RS256"]


@cache
def private_key(algorithm: Algorithm) -> str:
    """A new key, as the services hand it out."""
    if algorithm == "ES256":
        return _pem(ec.generate_private_key(ec.SECP256R1()))
    return _pem(rsa.generate_private_key(public_exponent=65537, key_size=2048))


def _pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def verified(token: str, algorithm: Algorithm) -> tuple[dict[str, Any], dict[str, Any]]:
    """The claims and the headers of a token. Raises jwt.InvalidTokenError unless the key above signed it; times are
    not held against this machine's clock."""
    key = load_pem_private_key(private_key(algorithm).encode(), password=None).public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey)
    claims: dict[str, Any] = jwt.decode(
        token, key, algorithms=[algorithm], options={"verify_exp": False, "verify_aud": False, "verify_iat": False}
    )
    return claims, jwt.get_unverified_header(token)
