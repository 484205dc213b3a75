"""Read-only roots: folders and S3 prefixes whose videos stay where they are. Nothing outside them is ever reached."""

import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Protocol

from tailbase_core.errors import Invalid, NotFound
from tailbase_core.settings import Settings

_WALK_LIMIT = 1_000_000


@dataclass(frozen=True)
class Entry:
    """What a folder of a root holds. `kind` is dir or file; `relative` is the path to register."""

    name: str
    kind: str
    size_bytes: int | None
    relative: str


class Root(Protocol):
    """A place whose files are read and never changed. Every path is relative to it, with forward slashes."""

    @property
    def name(self) -> str: ...

    def entries(self, relative: str) -> list[Entry]:
        """One folder, sorted by name."""

    def walk(self, relative: str) -> Iterator[Entry]:
        """All files below a folder."""

    def size(self, relative: str) -> int: ...

    def local_path(self, relative: str) -> Path | None:
        """The file or folder itself, where it lies on this machine; NotFound where it leaves the root or is missing."""

    def fetch(self, relative: str, path: Path) -> None:
        """Copy the file to `path`."""

    def url(self, relative: str, expires: int = 3600) -> str | None:
        """A presigned URL where the root has them."""


def make_roots(settings: Settings) -> dict[str, Root]:
    """The configured roots by name: the folder's own name, numbered where two are alike."""
    from tailbase_core.storage.s3_roots import S3Root

    roots: dict[str, Root] = {}
    for folder in settings.roots:
        name = _unique(folder.resolve().name, roots)
        roots[name] = FolderRoot(name, folder)
    for url in settings.s3_roots:
        name = _unique(url.rstrip("/").rsplit("/", 1)[-1], roots)
        roots[name] = S3Root.of(settings, name, url)
    return roots


def root_named(settings: Settings, name: str) -> Root:
    if (root := make_roots(settings).get(name)) is None:
        raise NotFound("folder")
    return root


def resolve(settings: Settings, root_name: str, relative: str) -> Path | None:
    """The file or folder of a root on this machine, or None where the root is an S3 prefix."""
    return root_named(settings, root_name).local_path(relative)


def browse(
    settings: Settings, root_name: str, relative: str, limit: int = 200, after: str | None = None
) -> tuple[list[Entry], str | None]:
    """One page of a folder, folders and files by name, and the name to go on after (None at the end)."""
    entries = root_named(settings, root_name).entries(relative)
    rest = [entry for entry in entries if after is None or entry.name > after]
    return rest[:limit], rest[limit - 1].name if len(rest) > limit else None


def find(root: Root, folder: str, pattern: str, recursive: bool, limit: int) -> list[Entry]:
    """Files of a folder whose names match a pattern such as ``*.mp4``, at most `limit`."""
    folder = checked_relative(folder)
    files = root.walk(folder) if recursive else (e for e in root.entries(folder) if e.kind == "file")
    found: list[Entry] = []
    for number, entry in enumerate(files):
        if len(found) == limit or number == _WALK_LIMIT:
            break
        if fnmatchcase(entry.name.lower(), pattern.lower()):
            found.append(entry)
    return found


def checked_relative(relative: str) -> str:
    """The path without empty steps, or Invalid: nothing absolute, no `..`, no NUL, no backslash."""
    path = PurePosixPath(relative)
    if "\x00" in relative or "\\" in relative or path.is_absolute() or ".." in path.parts:
        raise Invalid("path.outside_root", "This path does not lie inside the folder it was given for.", field="path")
    return "" if path == PurePosixPath() else path.as_posix()


@dataclass(frozen=True)
class FolderRoot:
    """A folder of this machine. Links that lead out of it are treated as if they were not there."""

    name: str
    folder: Path

    def entries(self, relative: str) -> list[Entry]:
        folder = self._inside(relative)
        if not folder.is_dir():
            raise NotFound("folder")
        found = (self._entry(path) for path in sorted(folder.iterdir()))
        return [entry for entry in found if entry is not None]

    def walk(self, relative: str) -> Iterator[Entry]:
        for entry in self.entries(relative):
            if entry.kind == "file":
                yield entry
            elif not (self.folder / entry.relative).is_symlink():  # a link upwards would never end
                yield from self.walk(entry.relative)

    def size(self, relative: str) -> int:
        return self._file(relative).stat().st_size

    def local_path(self, relative: str) -> Path | None:
        return self._inside(relative)

    def fetch(self, relative: str, path: Path) -> None:
        shutil.copyfile(self._file(relative), path)

    def url(self, relative: str, expires: int = 3600) -> str | None:  # noqa: ARG002 - a folder has no server
        return None

    def _file(self, relative: str) -> Path:
        if not (path := self._inside(relative)).is_file():
            raise NotFound("file")
        return path

    def _inside(self, relative: str) -> Path:
        """The real path, with every link followed, or NotFound where it leaves the root."""
        real = self.folder.resolve()
        try:
            path = (real / checked_relative(relative)).resolve(strict=True)
        except (OSError, RuntimeError):
            raise NotFound("file") from None
        if not path.is_relative_to(real):
            raise NotFound("file")
        return path

    def _entry(self, path: Path) -> Entry | None:
        relative = path.relative_to(self.folder.resolve()).as_posix()
        if path.name.startswith("."):
            return None
        try:
            real = self._inside(relative)
        except (NotFound, Invalid):
            return None
        if real.is_dir():
            return Entry(path.name, "dir", None, relative)
        return Entry(path.name, "file", real.stat().st_size, relative) if real.is_file() else None


def _unique(name: str, taken: Mapping[str, object]) -> str:
    slug = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "root"
    number = 2
    unique = slug
    while unique in taken:
        unique, number = f"{slug}-{number}", number + 1
    return unique
