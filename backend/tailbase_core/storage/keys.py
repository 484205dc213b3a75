"""Keys of blobs: made by us from UUIDs and fixed words; names from users never enter one."""

import re
from urllib.parse import quote

from tailbase_core.storage.errors import BadKey

_KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
_LONGEST = 500


def checked(key: str) -> str:
    """The key itself, or BadKey: no empty, hidden, `.` or `..` segment, no other character than these."""
    if len(key) > _LONGEST or not _KEY.fullmatch(key):
        raise BadKey
    return key


def checked_prefix(prefix: str) -> str:
    """A folder of keys, ending in "/", so that `projects/1/` never also means `projects/10/`."""
    return checked(prefix.removesuffix("/")) + "/"


def attachment(filename: str) -> str:
    """A Content-Disposition that saves under `filename`, whatever characters it has (RFC 6266)."""
    plain = re.sub(r'[^A-Za-z0-9._ -]|[\\"]', "_", filename)[:150] or "file"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename[:150], safe='')}"
