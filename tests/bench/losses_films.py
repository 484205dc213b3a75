"""Real films whose labelled frames lie in them, for losses.py: a fly, and a mouse that three cameras film together."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import h5py
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from tailbase.formats.skeleton_names import describe
from tailbase.formats.sleap_analysis import read_sleap_analysis
from tailbase.networks.resize import resize, to_input
from tailbase.schema import SINGLE, ImageRef, Keypoint, Labels, PointState, Skeleton, SplitSpec
from tailbase.video.reader import open_video

FLIES = "datasets/sleap-flies13-clipA"
SESSION = "datasets/sleap-anipose-multiview/minimal_session"
CAMERAS = ("back", "mid", "top")
"""The fourth, `side`, does not agree with its calibration."""
TILE = (128, 160)
_FPS = 30

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Filmed:
    """Labels whose images lie in `images`, how they are divided, and the film they are frames of."""

    labels: Labels
    split: SplitSpec
    images: Path
    video: Path


def fly(shared: Path, folder: Path, count: int) -> Filmed:
    """The female of two flies; labels of frames apart in time, test frames in the middle between."""
    video = shared / FLIES / "clip.mp4"
    points, names = _slp_track(shared / FLIES / "clip.slp", 0)
    return _filmed(video, points, describe(names), folder, count)


def mouse_in_tiles(shared: Path, folder: Path, count: int) -> Filmed:
    """Three cameras side by side in one film, as mirrors would show them: one part of the body in three views."""
    video = folder / "tiles.mp4"
    tracks = [_of_camera(shared, camera) for camera in CAMERAS]
    if not video.is_file():
        _write_tiles([path for path, _, _ in tracks], video)
    moved = [_in_tile(points, path, place) for place, (path, points, _) in enumerate(tracks)]
    skeleton = Skeleton(
        keypoints=tuple(
            Keypoint(name=f"{name}_{camera}", part=name, view=camera)
            for camera, (_, _, names) in zip(CAMERAS, tracks, strict=True)
            for name in names
        ),
        views=CAMERAS,
    )
    return _filmed(video, np.concatenate(moved, axis=1), skeleton, folder, count)


def _filmed(video: Path, points: Floats, skeleton: Skeleton, folder: Path, count: int) -> Filmed:
    """`count` frames to train on, evenly spaced, and as many to test, each as far as can be from those."""
    training = ((np.arange(count) + 0.25) * len(points) / count).astype(int)
    test = ((np.arange(count) + 0.75) * len(points) / count).astype(int)
    frames = np.concatenate([training, test])
    refs = tuple(ImageRef(path=f"img{f:08d}.png", video=video.stem, frame_index=int(f)) for f in frames)
    images = folder / "images"
    if not images.is_dir():
        _write_images(video, frames, images)
    chosen = points[frames][:, None]
    states = np.where(np.isfinite(chosen).all(-1), PointState.VISIBLE, PointState.UNLABELED).astype(np.int8)
    split = SplitSpec(method="explicit", test_images=tuple(ref.path for ref in refs[count:]))
    return Filmed(Labels(skeleton, (SINGLE,), refs, chosen, states, "proofread"), split, images, video)


def _write_images(video: Path, frames: NDArray[np.int64], folder: Path) -> None:
    part = folder.with_name("images.part")
    part.mkdir(parents=True, exist_ok=True)
    with open_video(video) as reader:
        for index in sorted(frames.tolist()):
            Image.fromarray(reader.frame(index)).save(part / f"img{index:08d}.png")
    part.rename(folder)


def _slp_track(path: Path, track: int) -> tuple[Floats, tuple[str, ...]]:
    """Points (frame, keypoint, 2) of one track of a SLEAP project, and their names."""
    with h5py.File(path) as file:
        facts = json.loads(file["metadata"].attrs["json"])
        frames, instances, table = (file[name][()] for name in ("frames", "instances", "points"))
    names = tuple(facts["nodes"][node["id"]]["name"] for node in facts["skeletons"][0]["nodes"])
    points = np.full((int(frames["frame_idx"].max()) + 1, len(names), 2), np.nan)
    number = dict(zip(frames["frame_id"].tolist(), frames["frame_idx"].tolist(), strict=True))
    for one in instances[instances["track"] == track]:
        rows = table[one["point_id_start"] : one["point_id_end"]]
        points[number[int(one["frame_id"])]] = np.stack([rows["x"], rows["y"]], axis=-1)
    return points, names


def _of_camera(shared: Path, camera: str) -> tuple[Path, Floats, tuple[str, ...]]:
    folder = shared / SESSION / camera
    truth = read_sleap_analysis(folder / f"minimal_{camera}_proofread.analysis.h5")
    return folder / f"minimal_{camera}.mp4", truth.points[:, 0].astype(np.float64), truth.skeleton.names


def _in_tile(points: Floats, video: Path, place: int) -> Floats:
    with open_video(video) as reader:
        source = (reader.height, reader.width)
    return to_input(torch.from_numpy(points), source, TILE).numpy() + np.array([place * TILE[1], 0])


def _write_tiles(videos: Sequence[Path], out: Path) -> None:
    """The cameras' frames of the same number beside each other."""
    out.parent.mkdir(parents=True, exist_ok=True)
    part = out.with_suffix(".part")
    films = [_shrunk(video) for video in videos]
    with av.open(str(part), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=Fraction(_FPS), options={"qp": "20", "preset": "veryfast"})
        stream.height, stream.width, stream.pix_fmt = TILE[0], len(videos) * TILE[1], "yuv420p"
        for tiles in zip(*films, strict=True):
            image = np.ascontiguousarray(np.concatenate(tiles, axis=1))
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode(None))
    part.rename(out)


def _shrunk(video: Path) -> list[NDArray[np.uint8]]:
    with open_video(video) as reader:
        frames = (torch.from_numpy(frame.copy()).permute(2, 0, 1) for frame in reader.frames(0, reader.frame_count))
        return [resize(frame, TILE).permute(1, 2, 0).numpy() for frame in frames]
