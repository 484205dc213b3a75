"""Text in the cells of other programs' files: image paths, and names that a spreadsheet would run as a formula."""

import re
from pathlib import PurePosixPath

from tailbase.errors import PoseError

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_DRIVE = re.compile(r"[A-Za-z]:")
LABELED = "labeled-data"


def protect(text: str) -> str:
    """The text with a leading ``'`` where a spreadsheet would take it for a formula; `unprotect` undoes it."""
    return f"'{text}" if _FORMULA.match(text) else text


def unprotect(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def relative_image_path(written: str) -> str:
    """The image path of a label file, relative to its project, with forward slashes.

    A path that starts outside the project (absolute, with a Windows drive, with ``..``) is cut down to what follows
    `labeled-data`, or to its last three parts.

    Raises:
        PoseError: `labels.bad_path` where no file name is left or ``..`` remains.
    """
    text = written.strip().replace("\\", "/")
    outside = text.startswith("/") or _DRIVE.match(text) is not None
    parts = [p for p in _DRIVE.sub("", text, count=1).split("/") if p not in ("", ".")]
    if outside or ".." in parts:
        start = len(parts) - parts[::-1].index(LABELED) - 1 if LABELED in parts else max(0, len(parts) - 3)
        parts = parts[start:]
    if not parts or ".." in parts or "\0" in text:
        raise PoseError("labels.bad_path", f"{written!r} does not name an image inside the project.")
    return str(PurePosixPath(*parts))
