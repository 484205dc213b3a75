"""What the writers of project folders share."""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tailbase.formats.atomic import replacing

Progress = Callable[[str, int, int], None]


@dataclass
class Exported:
    """What was written, and what the other program's format cannot hold."""

    files: list[str] = field(default_factory=list)
    images: int = 0
    missing_images: list[str] = field(default_factory=list)
    warnings: list[dict[str, str]] = field(default_factory=list)


def copy_images(
    targets: Mapping[str, str], image_files: Mapping[str, Path], folder: Path, exported: Exported, progress: Progress
) -> None:
    """Copies each image to its new path below `folder`; notes those that are not there."""
    for number, (path, target) in enumerate(targets.items()):
        if path not in image_files:
            exported.missing_images.append(path)
            continue
        with replacing(folder / target) as part:
            shutil.copyfile(image_files[path], part)
        exported.images += 1
        progress("copying images", number + 1, len(targets))
