"""The ways to smooth in words of the lab, and which of them suits a project."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from tailbase.schema import SmoothSpec
from tailbase_api.ensembles import queries
from tailbase_api.ensembles.schemas import SmootherOut
from tailbase_core.errors import Conflict, Invalid

OF_SEVERAL_CAMERAS = ("multiview", "calibrated", "paw")
_RIM = ("top", "bottom", "left", "right")


@dataclass(frozen=True)
class _Found:
    """What of a project decides: keypoints with their mirrors, cameras, calibrations, cameras with times."""

    keypoints: list[str]
    mirrors: list[str]
    cameras: list[str]
    calibrated: bool
    timed: list[str]


def smoothers(session: Session, project_id: UUID) -> list[SmootherOut]:
    found = _found(session, project_id)
    reasons = {method: _unavailable(method, found) for method in _WORDS}
    suggested = next(method for method in _PREFERRED if reasons[method] is None)
    return [
        SmootherOut(
            method=method,
            title=title,
            description=description,
            suggested=method == suggested,
            unavailable=reasons[method],
            views=_views(method, found),
        )
        for method, (title, description) in _WORDS.items()
    ]


def settled(session: Session, project_id: UUID, wanted: SmoothSpec | None) -> SmoothSpec:
    """The wanted settings, or those suggested, with the views they are about.

    Raises Conflict where the project lacks what the method needs, Invalid where the settings contradict each other.
    """
    offered = {one.method: one for one in smoothers(session, project_id)}
    spec = wanted or SmoothSpec(method=next(one.method for one in offered.values() if one.suggested))
    chosen = offered[spec.method]
    if chosen.unavailable is not None:
        raise Conflict("smoothing.unavailable", chosen.unavailable)
    if unknown := [view for view in spec.views if view not in chosen.views]:
        raise Invalid("smoothing.views", f"No video or keypoint is of the view {', '.join(unknown)}.", field="views")
    if spec.method == "paw":
        spec = spec.model_copy(update={"views": ()})
    if spec.method in (*OF_SEVERAL_CAMERAS, "mirrored") and len(set(spec.views)) == 1:
        raise Invalid("smoothing.views", "Choose at least two views, or smooth each view by itself.", field="views")
    if spec.method == "median" and spec.window % 2 == 0:
        raise Invalid("smoothing.window", "The window must be an odd number of frames, such as 5.", field="window")
    if spec.method == "pupil" and spec.smoothing is not None:
        raise Invalid("smoothing.parameter", "The pupil's smoothing is found by itself.", field="smoothing")
    return spec.model_copy(update={"views": tuple(spec.views or chosen.views)})


def _found(session: Session, project_id: UUID) -> _Found:
    keypoints = queries.keypoints(session, project_id)
    return _Found(
        keypoints=[name for name, _ in keypoints],
        mirrors=_mirrors(keypoints),
        cameras=queries.cameras(session, project_id),
        calibrated=queries.calibrated(session, project_id),
        timed=queries.timed_cameras(session, project_id),
    )


def _mirrors(keypoints: Sequence[Any]) -> list[str]:
    """Mirrors that keypoints name themselves after: `paw_top` is in the mirror `top`."""
    views = dict.fromkeys(view for _, view in keypoints if view is not None)
    named = [view for view in views if any(view == of and _names(name, view) for name, of in keypoints)]
    return named if len(named) > 1 else []


def _names(keypoint: str, view: str) -> bool:
    rest = keypoint.removesuffix(view).removeprefix(view)
    return 0 < len(rest) < len(keypoint) and (rest[-1] in "_-. " or rest[0] in "_-. ")


def _views(method: str, found: _Found) -> list[str]:
    if method == "mirrored":
        return found.mirrors
    if method == "paw":
        return _either_side(found.cameras)
    return found.cameras if method in OF_SEVERAL_CAMERAS else []


def _either_side(cameras: Sequence[str]) -> list[str]:
    """The camera of the left and that of the right, by their names; none where one is missing."""
    sides = [[camera for camera in cameras if side in camera.lower()] for side in ("left", "right")]
    return [side[0] for side in sides] if all(len(side) == 1 for side in sides) else []


def _unavailable(method: str, found: _Found) -> str | None:
    if method == "mirrored" and not found.mirrors:
        return "The keypoints show no mirrors: name them after their view, such as paw_top and paw_bottom."
    if method in OF_SEVERAL_CAMERAS and len(found.cameras) < 2:
        return "The videos come from one camera. Give videos of other cameras their view first."
    if method == "calibrated" and not found.calibrated:
        return "No recording has a calibration. Add the file of your calibration to a recording first."
    if method == "paw":
        return _no_paws(found)
    sides = [side for name in found.keypoints for side in _RIM if side in name.lower()]
    if method == "pupil" and (sorted(sides) != sorted(_RIM) or len(found.keypoints) != len(_RIM)):
        return "This needs exactly four keypoints whose names say top, bottom, left and right."
    return None


def _no_paws(found: _Found) -> str | None:
    views = _either_side(found.cameras)
    if not views:
        return "This needs two cameras on either side, whose views are named left and right."
    if not any(name.endswith(("_l", "_r")) or "left" in name or "right" in name for name in found.keypoints):
        return "The keypoints name no side: name them such as paw_l and paw_r, or left paw and right paw."
    if missing := [view for view in views if view not in found.timed]:
        return f"The cameras share no clock: add the times of the frames to the videos of {' and '.join(missing)}."
    return None


_PREFERRED = ("calibrated", "paw", "multiview", "mirrored", "pupil", "single")
_WORDS = {
    "single": (
        "One camera",
        "Follows each keypoint by itself: where the networks agree it trusts them, where they differ it trusts the "
        "movement before and after.",
    ),
    "mirrored": (
        "One camera with mirrors",
        "The views of one picture help each other: a paw hidden in one mirror is found by the other.",
    ),
    "multiview": (
        "Several cameras",
        "The cameras of a recording help each other, without a calibration.",
    ),
    "calibrated": (
        "Several calibrated cameras",
        "Follows each keypoint in space with your calibration, and also gives its position in 3-D.",
    ),
    "pupil": (
        "Pupil",
        "Follows a circle through four points on the pupil's rim: its centre and its diameter.",
    ),
    "paw": (
        "Paws, two cameras without a common clock",
        "For cameras that film from the left and from the right at their own pace: the times of their frames bring "
        "them together.",
    ),
    "median": (
        "Plain median",
        "The median of some frames around each. Quick to understand, but it says nothing about how sure it is.",
    ),
}
