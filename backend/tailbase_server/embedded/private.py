"""Passwords and socket folders that only this user can read."""

import hashlib
import os
import secrets
import stat
from pathlib import Path

from tailbase_core.errors import Conflict


def kept_secret(path: Path) -> str:
    """The secret in `path`, generated at the first call and readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    text = secrets.token_urlsafe(32)
    with os.fdopen(handle, "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    return text


def socket_dir(data_dir: Path) -> Path:
    """A short folder for the sockets of `data_dir`: the kernel takes 107 bytes, and data folders may be deep."""
    name = hashlib.sha256(str(data_dir.resolve()).encode()).hexdigest()[:12]
    folder = Path(f"/tmp/tailbase-{os.getuid()}-{name}")  # noqa: S108
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077:
        raise Conflict("server.socket_folder", f"{folder} is not a private folder of yours; remove it and start again.")
    return folder
