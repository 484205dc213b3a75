"""Signed addresses of files under a root of this machine, which no storage driver knows."""

import time
from urllib.parse import quote, urlencode

from tailbase_core.security import sign, verify


def root_url(secret: str, root: str, relative: str, expires: int = 3600) -> str:
    # Rounded up to the hour, so that a browser meets the same address again and uses its cache.
    until = -(-(int(time.time()) + expires) // 3600) * 3600
    query = urlencode({"expires": until, "signature": sign(secret, _text(root, relative, until))})
    return f"/api/v1/blobs/roots/{quote(root)}/{quote(relative)}?{query}"


def may_read_root(secret: str, root: str, relative: str, expires: int, signature: str) -> bool:
    return expires >= time.time() and verify(secret, _text(root, relative, expires), signature)


def _text(root: str, relative: str, until: int) -> str:
    return "\n".join(("root", root, relative, str(until)))
