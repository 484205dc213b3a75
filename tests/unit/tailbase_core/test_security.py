"""Passwords, tokens and signatures."""

import statistics
import time

import pytest

from tailbase_core.security import hash_password, new_token, password_matches, sign, token_hash, verify


def test_a_password_matches_its_own_hash_only():
    hashed = hash_password("correct horse")
    assert password_matches(hashed, "correct horse")
    assert not password_matches(hashed, "correct horse ")
    assert hashed != hash_password("correct horse")


def test_nothing_matches_without_a_hash_or_with_a_broken_one():
    assert not password_matches(None, "anything")
    assert not password_matches("not a hash", "anything")


def test_checking_takes_as_long_for_an_unknown_account():
    hashed = hash_password("correct horse")
    password_matches(None, "warm up")

    def seconds(given):
        start = time.process_time()
        password_matches(given, "a wrong guess")
        return time.process_time() - start

    known = statistics.median(seconds(hashed) for _ in range(7))
    unknown = statistics.median(seconds(None) for _ in range(7))
    assert 0.5 < known / unknown < 2


def test_tokens_are_long_and_never_alike():
    tokens = {new_token("tb_") for _ in range(100)}
    assert len(tokens) == 100
    assert all(token.startswith("tb_") and len(token) >= 46 for token in tokens)
    assert len({token_hash(token) for token in tokens}) == 100


def test_a_signature_holds_for_its_text_and_secret_only():
    signature = sign("secret", "text")
    assert verify("secret", "text", signature)
    assert not verify("secret", "other", signature)
    assert not verify("another", "text", signature)
    assert not verify("secret", "text", "ü" + signature)


def test_nothing_is_signed_with_an_empty_secret():
    with pytest.raises(ValueError, match="TAILBASE_SECRET_KEY"):
        sign("", "text")
