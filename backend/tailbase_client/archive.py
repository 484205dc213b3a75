"""A folder as a zip, made for an upload."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

from tailbase_client.errors import TailbaseApiError
from tailbase_client.transfers import Progress

MOST_FILES = 200_000
MOST_BYTES = 20 * 1024**3
# What other programs train and evaluate is large and is not imported.
SKIPPED = {"dlc-models", "dlc-models-pytorch", "training-datasets", "evaluation-results", "__pycache__", "wandb"}
# These do not become smaller.
STORED = {".png", ".jpg", ".jpeg", ".mp4", ".avi", ".mov", ".mkv", ".webm", ".h5", ".zip"}


def zip_folder(folder: Path, target: Path, progress: Progress, most_bytes: int = MOST_BYTES) -> None:
    """Write the folder's files to `target`, without hidden ones, links, and what other programs trained."""
    files = list(_files(folder, most_bytes))
    total, done = sum(size for _, size in files), 0
    with zipfile.ZipFile(target, "w", compresslevel=1) as archive:
        for path, size in files:
            kind = zipfile.ZIP_STORED if path.suffix.lower() in STORED else zipfile.ZIP_DEFLATED
            archive.write(path, path.relative_to(folder.parent).as_posix(), compress_type=kind)
            done += size
            progress("packing", done, total)


def _files(folder: Path, most_bytes: int) -> Iterator[tuple[Path, int]]:
    count, total = 0, 0
    for path in _walk(folder):
        size = path.stat().st_size
        count, total = count + 1, total + size
        if count > MOST_FILES or total > most_bytes:
            raise TailbaseApiError(
                0,
                "archive.too_large",
                f"{folder} holds more than {MOST_FILES:,} files or {most_bytes / 1024**3:g} GiB. "
                "Import it in place from a folder the server may read.",
            )
        yield path, size


def _walk(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.is_symlink() or path.name.startswith(".") or path.name in SKIPPED:
            continue
        if path.is_dir():
            yield from _walk(path)
        elif path.is_file():
            yield path
