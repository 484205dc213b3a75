"""Structured logs on standard output, without secrets."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from tailbase_core.settings import Settings

_IN_URLS = re.compile(r"(?<=://)[^/@\s]*:[^/@\s]*(?=@)|(?<=signature=)[^&\s]+|(?<=X-Amz-Signature=)[^&\s]+", re.I)
_TOKENS = re.compile(r"\btb_[A-Za-z0-9_-]{20,}")
_HIDDEN = "***"


def set_up(settings: Settings) -> None:
    """JSON lines; everything the settings call secret is replaced wherever it appears."""
    secrets = [
        value
        for secret in (settings.secret_key, settings.s3_secret_key, settings.s3_access_key)
        if len(value := secret.get_secret_value()) >= 8
    ]
    logging.basicConfig(stream=sys.stdout, level=logging.WARNING, format="%(message)s")
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            redactor(secrets),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )


def redactor(secrets: list[str]) -> structlog.typing.Processor:
    def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        return {key: _clean(value, secrets) for key, value in event.items()}

    return redact


def _clean(value: Any, secrets: list[str]) -> Any:
    if not isinstance(value, str):
        return value
    for secret in secrets:
        value = value.replace(secret, _HIDDEN)
    return _TOKENS.sub(_HIDDEN, _IN_URLS.sub(_HIDDEN, value))
