"""A certificate authority for a test, with one certificate for this machine."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def authority(folder: Path) -> tuple[Path, Path]:
    """The file of the authority's certificate, and that of a key and a certificate for 127.0.0.1."""
    own, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "BuzzGuard test")])
    host = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)  # OpenSSL judges validity by the machine's clock
    base = x509.CertificateBuilder().not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    root = base.subject_name(name).issuer_name(name).public_key(own.public_key()).serial_number(1)
    root = root.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    leaf = base.subject_name(host).issuer_name(name).public_key(key.public_key()).serial_number(2)
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    signed = leaf.add_extension(names, critical=False).sign(own, hashes.SHA256())
    trusted, chain = folder / "authority.pem", folder / "chain.pem"
    trusted.write_bytes(root.sign(own, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    plain = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    chain.write_bytes(plain + signed.public_bytes(serialization.Encoding.PEM))
    return trusted, chain
