"""Signing in and out, one-time links, the signed-in person and their tokens."""

from tailbase_api.routing import feature_router

router = feature_router("accounts")
