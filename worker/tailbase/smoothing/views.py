"""Which file and which keypoint belongs to which view, told from their names."""

import re
from collections.abc import Sequence
from pathlib import Path

from tailbase.errors import PoseError

SEPARATORS = "_-. "


def files_by_view(paths: Sequence[Path], views: Sequence[str]) -> dict[str, list[Path]]:
    """The files of each view, members in the same order in all of them.

    The view's name must be a word of the file's name (between separators), or else a part of it, or else a word of
    its folder's name.

    Raises:
        PoseError: smoothing.views, where a file belongs to no view or to several, or views differ in files.
    """
    check_views(views)
    found: dict[str, list[Path]] = {view: [] for view in views}
    for path in paths:
        found[view_of(path, views)].append(path)
    if len({len(files) for files in found.values()}) != 1:
        counts = ", ".join(f"{view} {len(files)}" for view, files in found.items())
        raise PoseError("smoothing.views", f"Every view needs a file of every network; found files: {counts}.")
    return {view: sorted(files, key=lambda path: _without(path, view)) for view, files in found.items()}


def check_views(views: Sequence[str]) -> None:
    if len(views) < 2 or len(set(views)) != len(views) or not all(views):
        raise PoseError("smoothing.views", "Name at least two different views, such as --views top,bot.")


def view_of(path: Path, views: Sequence[str]) -> str:
    """The view that a file's or its folder's name names; raises smoothing.views."""
    for text, look in ((path.stem, _has_word), (path.stem, _has_part), (path.parent.name, _has_word)):
        fitting = [view for view in views if look(text, view)]
        # Of `left` and `left-rear`, the longer one says more.
        fitting = [view for view in fitting if not any(view != other and view in other for other in fitting)]
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            raise PoseError(
                "smoothing.views", f"{path.name} names several views: {', '.join(fitting)}. Rename the file."
            )
    raise PoseError(
        "smoothing.views",
        f"{path.name} names none of the views {', '.join(views)}. Each file's name must contain its view's name.",
    )


def _has_word(text: str, view: str) -> bool:
    return re.search(rf"(?<![A-Za-z0-9]){re.escape(view)}(?![A-Za-z0-9])", text) is not None


def _has_part(text: str, view: str) -> bool:
    return view in text


def _without(path: Path, view: str) -> tuple[str, str]:
    return path.stem.replace(view, ""), str(path)


def mirrored_parts(names: Sequence[str], views: Sequence[str]) -> tuple[dict[str, dict[str, str]], list[str]]:
    """Body parts that one image shows in several mirrors, from names like `paw_top` and `paw_bot`.

    Returns:
        For each part that every view has, the keypoint of each view; and the keypoints that are left over.
    """
    check_views(views)
    parts: dict[str, dict[str, str]] = {}
    for name in names:
        if (split := split_name(name, views)) is not None:
            parts.setdefault(split[0], {})[split[1]] = name
    whole = {part: {v: found[v] for v in views} for part, found in parts.items() if len(found) == len(views)}
    used = {name for found in whole.values() for name in found.values()}
    return whole, [name for name in names if name not in used]


def split_name(name: str, views: Sequence[str]) -> tuple[str, str] | None:
    """`paw_top` as (`paw`, `top`), for known views at either end; None where it names none."""
    for view in sorted(views, key=len, reverse=True):
        if name.endswith(view) and len(name) > len(view) + 1 and name[-len(view) - 1] in SEPARATORS:
            return name[: -len(view) - 1], view
        if name.startswith(view) and len(name) > len(view) + 1 and name[len(view)] in SEPARATORS:
            return name[len(view) + 1 :], view
    return None
