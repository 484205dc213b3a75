"""Copies of blobs on this machine, within a number of bytes; the file used longest ago goes first."""

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path


class Cache:
    """Files by name. Those asked for since the last `release` are never dropped."""

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        self._folder = folder
        self._limit = limit_bytes
        self._held: set[Path] = set()
        folder.mkdir(parents=True, exist_ok=True)
        for torn in folder.glob("*.part*"):
            torn.unlink(missing_ok=True)

    def file(self, name: str, size: int, fetch: Callable[[Path], None]) -> Path:
        """The copy called `name`, fetched if it is not there; a blob never changes, so a copy stays right."""
        path = self._folder / hashlib.sha256(name.encode()).hexdigest()
        self._held.add(path)
        if path.is_file() and path.stat().st_size == size:
            os.utime(path)
            return path
        self._make_room(size)
        unfinished = path.with_suffix(".part")
        try:
            fetch(unfinished)
            return unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)  # a full disk must not stay full of half a file

    def release(self) -> None:
        """The job is over: all files may go when room is needed."""
        self._held.clear()

    def clear(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True, exist_ok=True)

    def _make_room(self, size: int) -> None:
        files = sorted((p for p in self._folder.iterdir() if p.is_file()), key=lambda p: p.stat().st_mtime)
        used = sum(path.stat().st_size for path in files)
        for path in files:
            if used + size <= self._limit:
                return
            if path not in self._held:
                used -= path.stat().st_size
                path.unlink(missing_ok=True)
