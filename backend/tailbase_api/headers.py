"""Headers every reply carries, whatever route or error it came from."""

from collections.abc import Mapping

from tailbase_core.settings import Settings


def _policy(settings: Settings) -> str:
    """Scripts only from our own files. Mantine writes style attributes, hence 'unsafe-inline' for styles alone."""
    storage = settings.s3_public_endpoint or settings.s3_endpoint if settings.uses_s3 else ""
    if settings.uses_s3 and not storage:
        storage = "https://*.amazonaws.com"
    own = f"'self' {storage}".strip()
    return "; ".join(
        (
            "default-src 'self'",
            "script-src 'self'",
            "style-src 'self' 'unsafe-inline'",
            f"img-src {own} data: blob:",
            f"media-src {own} blob:",
            f"connect-src {own}",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def security_headers(settings: Settings) -> Mapping[str, str]:
    headers = {
        "Content-Security-Policy": _policy(settings),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    }
    if settings.environment == "production":
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers
