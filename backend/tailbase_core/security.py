"""Passwords, tokens and signatures. Only hashes are stored; comparisons take the same time whether right or wrong."""

import hashlib
import hmac
import secrets
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

TOKEN_PREFIX = "tb_"  # noqa: S105 - marks our tokens, so that people and secret scanners recognise them

_hasher = PasswordHasher()


@lru_cache(maxsize=1)
def _dummy_hash() -> str:
    return _hasher.hash(secrets.token_urlsafe(16))


def hash_password(password: str) -> str:
    return _hasher.hash(password)


def password_matches(password_hash: str | None, password: str) -> bool:
    """Whether the password is right. Without a hash it takes as long, so that time does not tell who has an account."""
    try:
        right = _hasher.verify(password_hash or _dummy_hash(), password)
    except (VerificationError, InvalidHashError):
        return False
    return right and password_hash is not None


def new_token(prefix: str = "") -> str:
    """256 random bits, safe in URLs and headers."""
    return prefix + secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What is stored of a token. The token is random, so a plain SHA-256 cannot be reversed by guessing."""
    return hashlib.sha256(token.encode()).hexdigest()


def sign(secret: str, text: str) -> str:
    """An HMAC of `text`, hexadecimal. `text` must name what is allowed, for what, and until when."""
    if not secret:
        raise ValueError("TAILBASE_SECRET_KEY is empty; nothing can be signed")
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def verify(secret: str, text: str, signature: str) -> bool:
    return hmac.compare_digest(sign(secret, text).encode(), signature.encode())
