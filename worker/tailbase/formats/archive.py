"""Unpacks a zip file from a stranger: all of it is judged first, and nothing is left on disk when it is refused.

Only the kinds of files that a project consists of are unpacked; an archive within the archive stays packed.
"""

import os
import shutil
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from tailbase.errors import PoseError
from tailbase.formats.images import SUFFIXES as IMAGE_SUFFIXES
from tailbase.formats.project_files import VIDEO_SUFFIXES

PROJECT_SUFFIXES = (
    IMAGE_SUFFIXES | VIDEO_SUFFIXES | {".csv", ".h5", ".hdf5", ".yaml", ".yml", ".toml", ".json", ".jsonl", ".parquet"}
)

_END = struct.Struct("<4s4H2LH")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_UNSAFE = frozenset(chr(code) for code in [*range(32), 127]) | {"\\", ":"}
_CHUNK = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """What a zip file may hold.

    A ratio is that of unpacked to packed bytes; small files may exceed it (a CSV of empty cells does).
    """

    entries: int = 100_000
    directory_bytes: int = 16 * 1024**2
    total_bytes: int = 200 * 1024**3
    ratio: int = 100
    free_bytes: int = 16 * 1024**2
    name_bytes: int = 1000


@dataclass(frozen=True)
class Unpacked:
    files: int
    ignored: tuple[str, ...]


def extract_zip(
    archive: Path,
    folder: Path,
    limits: Limits | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Unpacked:
    """Unpacks the project files of `archive` into the new folder `folder`.

    Args:
        progress: called with bytes done and bytes in all.

    Raises:
        PoseError: `archive.type` (no plain zip), `archive.unsafe_path`, `archive.symlink`, `archive.device`,
            `archive.duplicate`, `archive.encrypted`, `archive.damaged`, `archive.too_large`, `archive.empty` or
            `archive.no_space`. Nothing is left at `folder`.
    """
    limits = limits or Limits()
    _check_container(archive, limits)
    part = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    try:
        with zipfile.ZipFile(archive) as opened:
            wanted, ignored = _judge(opened.infolist(), archive.stat().st_size, limits)
            total = sum(info.file_size for info in wanted)
            part.mkdir(parents=True)
            if shutil.disk_usage(part).free < total:
                raise PoseError("archive.no_space", f"There is no room for the {total:,} bytes of this archive.")
            _unpack(opened, wanted, part, total, progress or _silent)
        part.rename(folder)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise PoseError("archive.damaged", f"The zip file is damaged: {error}.") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return Unpacked(len(wanted), tuple(ignored[:1000]))


def _silent(done: int, total: int) -> None:
    """Progress that nobody asked for."""


def _check_container(path: Path, limits: Limits) -> None:
    """One zip file from the first byte to the last, with a list of contents of bearable size."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(512)
        file.seek(max(0, size - _END.size - 65535))
        tail = file.read()
        if head[257:262] == b"ustar" or not head.startswith(b"PK\x03\x04"):
            raise PoseError("archive.type", "This is not a zip file. Pack the project folder as .zip and try again.")
        at = tail.rfind(b"PK\x05\x06")
        if at < 0 or len(tail) - at < _END.size:
            raise PoseError("archive.damaged", "The zip file is cut off: its list of contents is missing.")
        _, disk, start_disk, _, count, length, start, comment = _END.unpack_from(tail, at)
        end = size - len(tail) + at
        if len(tail) - at != _END.size + comment:
            raise PoseError("archive.type", "There is something else behind the zip file. Pack the folder again.")
        large = 0xFFFF in (disk, start_disk, count) or 0xFFFFFFFF in (length, start)
        if large:
            length, start = _large_directory(file, end)
        elif start + length != end:
            raise PoseError("archive.type", "There is something else before the zip file. Pack the folder again.")
        if length > limits.directory_bytes:
            raise PoseError("archive.too_large", f"The zip file holds more than {limits.entries:,} files.")
        file.seek(start)
        _count_entries(file.read(length), limits)


def _large_directory(file: BinaryIO, end: int) -> tuple[int, int]:
    """Length and start of the list of contents of a zip file over 4 GiB or 65,535 entries (ZIP64)."""
    file.seek(max(0, end - 20))
    locator = file.read(20)
    if locator[:4] != b"PK\x06\x07":
        raise PoseError("archive.damaged", "The zip file is damaged: its list of contents is missing.")
    (record,) = struct.unpack_from("<Q", locator, 8)
    file.seek(record)
    data = file.read(56)
    if len(data) < 56 or data[:4] != b"PK\x06\x06":
        raise PoseError("archive.damaged", "The zip file is damaged: its list of contents is missing.")
    length, start = struct.unpack_from("<QQ", data, 40)
    if start + length != record:
        raise PoseError("archive.type", "There is something else before the zip file. Pack the folder again.")
    return length, start


def _count_entries(directory: bytes, limits: Limits) -> None:
    at = count = 0
    while at + _ENTRY.size <= len(directory):
        if directory[at : at + 4] != b"PK\x01\x02":
            raise PoseError("archive.damaged", "The zip file is damaged: its list of contents makes no sense.")
        name, extra, comment = struct.unpack_from("<3H", directory, at + 28)
        at += _ENTRY.size + name + extra + comment
        count += 1
        if count > limits.entries:
            raise PoseError("archive.too_large", f"The zip file holds more than {limits.entries:,} files.")


def _judge(
    entries: list[zipfile.ZipInfo], archive_bytes: int, limits: Limits
) -> tuple[list[zipfile.ZipInfo], list[str]]:
    """Refuses the whole archive for one bad entry; gives the entries to unpack and the names left packed."""
    _refuse_overlaps(entries)
    seen: dict[str, bool] = {}
    wanted, ignored = [], []
    for info in entries:
        name = _safe_name(info, limits)
        _refuse_kinds(info, name)
        _refuse_twins(seen, name, info.is_dir())
        if info.is_dir():
            continue
        if PurePosixPath(name).suffix.lower() in PROJECT_SUFFIXES:
            wanted.append(info)
        else:
            ignored.append(name)
        if info.file_size > limits.free_bytes and info.file_size > limits.ratio * max(1, info.compress_size):
            raise PoseError("archive.too_large", f"{name} would grow more than {limits.ratio}-fold when unpacked.")
    total = sum(info.file_size for info in wanted)
    if total > limits.total_bytes or total > limits.ratio * archive_bytes + limits.free_bytes:
        raise PoseError("archive.too_large", f"The zip file would unpack to {total:,} bytes, which is too much.")
    if not wanted:
        raise PoseError("archive.empty", "The zip file holds no images, videos or label files.")
    return wanted, ignored


def _refuse_overlaps(entries: list[zipfile.ZipInfo]) -> None:
    """Entries that share bytes turn a small file into petabytes."""
    end = 0
    for info in sorted(entries, key=lambda entry: entry.header_offset):
        if info.header_offset < end:
            raise PoseError("archive.damaged", "Files within the zip file overlap. Pack the folder again.")
        end = info.header_offset + 30 + len(info.orig_filename) + info.compress_size


def _safe_name(info: zipfile.ZipInfo, limits: Limits) -> str:
    name = info.orig_filename
    parts = name.rstrip("/").split("/")
    if (
        _UNSAFE & set(name)
        or any(part in ("", ".", "..") or part.endswith((" ", ".")) for part in parts)
        or any(len(part.encode()) > 255 for part in parts)
        or len(name.encode()) > limits.name_bytes
    ):
        raise PoseError("archive.unsafe_path", f"The zip file holds the unsafe name {name[:200]!r}.")
    return "/".join(parts)


def _refuse_kinds(info: zipfile.ZipInfo, name: str) -> None:
    mode = info.external_attr >> 16
    if stat.S_ISLNK(mode):
        raise PoseError("archive.symlink", f"{name} is a link; pack the files themselves.")
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise PoseError("archive.device", f"{name} is neither a file nor a folder.")
    if info.flag_bits & 0x1:
        raise PoseError("archive.encrypted", f"{name} is encrypted; pack the folder without a password.")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise PoseError("archive.type", f"{name} is packed in an unusual way; pack the folder as a plain zip file.")


def _refuse_twins(seen: dict[str, bool], name: str, is_folder: bool) -> None:
    """Two names that some file system takes for one, or a file where another entry needs a folder."""
    key = unicodedata.normalize("NFC", name).casefold()
    folders = ["/".join(key.split("/")[: n + 1]) for n in range(key.count("/"))]
    twin = key in seen and not (is_folder and seen[key])
    if twin or any(not seen.get(folder, True) for folder in folders):
        raise PoseError("archive.duplicate", f"The zip file holds {name} twice.")
    seen[key] = is_folder
    seen.update(dict.fromkeys(folders, True))


def _unpack(
    opened: zipfile.ZipFile,
    wanted: list[zipfile.ZipInfo],
    folder: Path,
    total: int,
    progress: Callable[[int, int], None],
) -> None:
    done = 0
    for info in wanted:
        target = folder.joinpath(*info.orig_filename.split("/"))
        target.parent.mkdir(parents=True, exist_ok=True)
        with opened.open(info) as source, target.open("xb") as file:
            written = 0
            while chunk := source.read(_CHUNK):
                written += len(chunk)
                if written > info.file_size:
                    raise PoseError("archive.damaged", f"{info.filename} is larger than the zip file says.")
                file.write(chunk)
                progress(done + written, total)
        done += info.file_size
