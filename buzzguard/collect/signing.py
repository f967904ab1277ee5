"""Signed tokens (JWT), for services that know their clients by a key pair.

PyJWT and its cryptography are an extra of BuzzGuard (`reviews`), loaded when a stream needs them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from buzzguard.config.secrets import Sealed, SecretError

_HINT = "pip install 'buzzguard[reviews]'"


class SigningKey:
    """A private key that signs. Shows itself to nobody."""

    __slots__ = ("_algorithm", "_key")

    def __init__(self, pem: Sealed, *, algorithm: Literal["ES256", "RS256"], name: str) -> None:
        """Read `pem`, also one whose line ends are written as `\\n`. Raises SecretError, which names the key by `name`,
        when it is none, and when what signs is not installed."""
        self._algorithm = algorithm
        self._key = _loaded(_lines(pem.reveal()), algorithm, name)

    def sign(self, claims: Mapping[str, Any], headers: Mapping[str, Any]) -> Sealed:
        """The token that holds `claims`."""
        import jwt

        return Sealed(jwt.encode(dict(claims), self._key, algorithm=self._algorithm, headers=dict(headers)))


def _lines(pem: str) -> str:
    return pem if "\n" in pem else pem.replace("\\n", "\n")


def _loaded(pem: str, algorithm: str, name: str) -> Any:
    try:
        import jwt
        from cryptography.hazmat.primitives.asymmetric import ec, rsa
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
    except ImportError as error:
        raise SecretError("what signs with a key is not installed", _HINT) from error
    assert jwt
    wanted = ec.EllipticCurvePrivateKey if algorithm == "ES256" else rsa.RSAPrivateKey
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError):
        # Not chained: the error may carry a part of the key.
        raise SecretError(f"{name} is not a private key", "the text between BEGIN and END PRIVATE KEY") from None
    fits = isinstance(key, wanted) and (algorithm != "ES256" or key.key_size == 256)
    if not fits:
        kind = "an elliptic one on P-256" if algorithm == "ES256" else "an RSA one"
        raise SecretError(f"{name} is a private key of another kind than the service takes", f"it must be {kind}")
    return key
