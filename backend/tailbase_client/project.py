"""One project: videos, frames, labels, models, predictions, jobs, imports and exports."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from tailbase_client.archive import zip_folder
from tailbase_client.errors import JobEnded, Json
from tailbase_client.transfers import Progress, artifact_paths, download, silent, upload
from tailbase_client.transport import Transport
from tailbase_client.waiting import look_until

Thing = Json | str | UUID
"""A thing of the API: its dictionary or its id."""

ENDED = ("succeeded", "failed", "cancelled")


def id_of(thing: Thing) -> str:
    return str(thing["id"]) if isinstance(thing, dict) else str(thing)


class Project:
    """Made by `Tailbase.project` and `Tailbase.create_project`. `info` is the project as it was then."""

    def __init__(self, transport: Transport, info: Json) -> None:
        self._transport = transport
        self.info = info
        self.id: str = info["id"]
        self.name: str = info["name"]
        self._path = f"/projects/{self.id}"

    # The project itself

    def change(self, **values: Any) -> Json:
        """Set name, description, name_pattern or settings."""
        return self._patch("", values)

    def delete(self) -> int:
        """To the trash, for 30 days; gives the bytes that emptying it will free."""
        return int(self._transport.delete(self._path)["bytes_freed"])

    def skeleton(self) -> Json:
        return self._get("/skeleton")

    def set_skeleton(self, skeleton: Json) -> Json:
        """Keypoints with an id keep it under a new name; those left out are retired, not deleted."""
        changed: Json = self._transport.put(f"{self._path}/skeleton", skeleton)
        return changed

    def set_prelabels(self, **settings: Any) -> Json:
        """Whether networks place points in frames that wait for labels: `on`, `after` so many labels, `blind_share`."""
        reply: Json = self._transport.put(f"{self._path}/prelabels/settings", settings)
        return reply

    def individuals(self) -> list[Json]:
        return self._list("/individuals")

    def add_individual(self, name: str) -> Json:
        return self._post("/individuals", {"name": name})

    def members(self) -> list[Json]:
        return self._list("/members")

    def add_member(self, email: str, role: str) -> Json:
        """{member}, or {invite_url} to send to somebody without an account."""
        return self._post("/members", {"email": email, "role": role})

    def recordings(self) -> list[Json]:
        return self._list("/recordings")

    # Videos

    def videos(self, state: str | None = None, recording: Thing | None = None) -> list[Json]:
        return self._list("/videos", state=state, recording=None if recording is None else id_of(recording))

    def video(self, video: Thing) -> Json:
        return self._get(f"/videos/{id_of(video)}")

    def upload_video(self, path: str | Path, progress: Progress = silent, *, checksum: bool = True) -> Json:
        """Upload a video and give it as it is then; call `wait_for_video` to know whether it can be read.

        An upload that was interrupted goes on where it stopped, when it is called again with the same file.
        """
        video: Json = upload(self._transport, self._path, Path(path), "video", progress, checksum=checksum)["video"]
        return video

    def wait_for_video(self, video: Thing, timeout: float | None = None) -> Json:
        """The video once it is ready or rejected."""
        return look_until(lambda: self.video(video), lambda v: v["state"] in ("ready", "rejected"), timeout)

    def register(
        self,
        root: str,
        paths: Sequence[str] | None = None,
        *,
        folder: str | None = None,
        pattern: str = "*.mp4",
        recursive: bool = False,
    ) -> Json:
        """Videos of a folder the server may read: they stay where they are. Give paths, or a folder to look through.

        Returns {registered, skipped, job}.
        """
        body: Json = {"root": root}
        if paths is not None:
            body |= {"paths": list(paths)}
        else:
            body |= {"folder": folder or "", "pattern": pattern, "recursive": recursive}
        return self._post("/videos/register", body)

    def relink(self, video: Thing, root: str, path: str) -> Json:
        return self._post(f"/videos/{id_of(video)}/relink", {"root": root, "path": path})

    def delete_video(self, video: Thing) -> int:
        return self._delete(f"/videos/{id_of(video)}")

    # Frames and labels

    def frames(self, state: str | None = None, video: Thing | None = None) -> list[Json]:
        return self._list("/frames", state=state, video=None if video is None else id_of(video))

    def select_frames(
        self, videos: Sequence[Thing], count: int = 20, method: str = "kmeans", **more: int
    ) -> list[Json]:
        """Jobs that choose `count` frames in each video, by `kmeans` or `uniform`. `more`: start, end, seed."""
        body = {"video_ids": [id_of(v) for v in videos], "count": count, "method": method, **more}
        jobs: list[Json] = self._post("/frames/select", body)["jobs"]
        return jobs

    def add_frames(self, video: Thing, indices: Sequence[int]) -> Json:
        job: Json = self._post("/frames/add", {"video_id": id_of(video), "indices": list(indices)})["job"]
        return job

    def change_frame(self, frame: Thing, **values: Any) -> Json:
        """Set state or assignee."""
        return self._patch(f"/frames/{id_of(frame)}", values)

    def delete_frame(self, frame: Thing) -> int:
        return self._delete(f"/frames/{id_of(frame)}")

    def labels(self, frame: Thing) -> Json:
        """{frame_id, version, points: [{individual_id, keypoint_id, x, y, state}]}."""
        return self._get(f"/frames/{id_of(frame)}/labels")

    def save_labels(self, frame: Thing, changes: Sequence[Json], version: int, frame_state: str | None = None) -> Json:
        """Change points of the version you have seen.

        If somebody saved meanwhile, TailbaseApiError with status 412 has the present points in ``problem["current"]``
        and the keys that changed since in ``problem["changed_keys"]``.
        """
        body: Json = {"changes": list(changes)} | ({} if frame_state is None else {"frame_state": frame_state})
        return self._patch(f"/frames/{id_of(frame)}/labels", body, {"If-Match": f'"v{version}"'})

    def label_history(self, frame: Thing) -> list[Json]:
        return self._list(f"/frames/{id_of(frame)}/labels/history")

    # Models and predictions

    def presets(self) -> list[Json]:
        presets: list[Json] = self._transport.get(f"{self._path}/presets")
        return presets

    def models(self) -> list[Json]:
        return self._list("/models")

    def model(self, model: Thing) -> Json:
        return self._get(f"/models/{id_of(model)}")

    def train(self, preset: str = "standard", name: str | None = None, spec: Json | None = None) -> Json:
        """Start a training; {model, job}. `spec` holds what differs from the preset, e.g. ``{"epochs": 50}``."""
        body: Json = {"preset": preset, "spec": spec or {}} | ({} if name is None else {"name": name})
        return self._post("/models", body)

    def curves(self, model: Thing, after: int = 0) -> list[Json]:
        points: list[Json] = self._transport.get(f"{self._path}/models/{id_of(model)}/curves", after=after)
        return points

    def evaluate(self, model: Thing, split: str = "test") -> Json:
        job: Json = self._post(f"/models/{id_of(model)}/evaluate", {"split": split})["job"]
        return job

    def download_model(self, model: Thing, folder: str | Path, progress: Progress = silent) -> list[Path]:
        files = self._get(f"/models/{id_of(model)}/download")["files"]
        return artifact_paths(self._transport, files, Path(folder), progress)

    def rename_model(self, model: Thing, name: str) -> Json:
        return self._patch(f"/models/{id_of(model)}", {"name": name})

    def delete_model(self, model: Thing) -> int:
        return self._delete(f"/models/{id_of(model)}")

    def predictions(
        self, video: Thing | None = None, model: Thing | None = None, ensemble: Thing | None = None
    ) -> list[Json]:
        query = {"video": video, "model": model, "ensemble": ensemble}
        return self._list("/predictions", **{k: None if v is None else id_of(v) for k, v in query.items()})

    def prediction(self, prediction: Thing) -> Json:
        return self._get(f"/predictions/{id_of(prediction)}")

    def predict(self, model: Thing, videos: Sequence[Thing]) -> Json:
        """{predictions, jobs, skipped}: videos the model has predicted already are skipped."""
        return self._post("/predictions", {"model_id": id_of(model), "video_ids": [id_of(v) for v in videos]})

    def download_prediction(self, prediction: Thing, path: str | Path, progress: Progress = silent) -> Path:
        """The Parquet file of a finished prediction."""
        url = self.prediction(prediction)["parquet_url"]
        if url is None:
            raise ValueError("the prediction is not finished; wait for its job first")
        return download(self._transport, url, Path(path), progress)

    def delete_prediction(self, prediction: Thing) -> int:
        return self._delete(f"/predictions/{id_of(prediction)}")

    def import_predictions(
        self,
        files: Mapping[str | Path, Thing],
        name: str | None = None,
        model: Thing | None = None,
        progress: Progress = silent,
    ) -> Json:
        """The job that makes a read-only model of files of Lightning Pose, DeepLabCut or SLEAP; `files` gives each
        its video. With `model` they are added to one that was imported before."""
        sent = [
            {
                "upload_id": upload(self._transport, self._path, Path(path), "import", progress)["upload_id"],
                "video_id": id_of(video),
            }
            for path, video in files.items()
        ]
        body: Json = {"files": sent, "name": name, "model_id": None if model is None else id_of(model)}
        job: Json = self._post("/predictions/import", body)["job"]
        return job

    # Ensembles

    def smoothers(self) -> list[Json]:
        """The ways to smooth, which of them is suggested, and why others do not suit this project."""
        found: list[Json] = self._transport.get(f"{self._path}/smoothers")
        return found

    def ensembles(self) -> list[Json]:
        return self._list("/ensembles")

    def ensemble(self, ensemble: Thing) -> Json:
        return self._get(f"/ensembles/{id_of(ensemble)}")

    def create_ensemble(self, models: Sequence[Thing], name: str | None = None, settings: Json | None = None) -> Json:
        """`settings` as of `tailbase smooth`, e.g. ``{"method": "median", "window": 7}``; the suggested ones else."""
        return self._post("/ensembles", {"model_ids": [id_of(m) for m in models], "name": name, "settings": settings})

    def train_ensemble(
        self,
        members: int = 5,
        preset: str = "standard",
        videos: Sequence[Thing] = (),
        name: str | None = None,
        spec: Json | None = None,
        settings: Json | None = None,
    ) -> Json:
        """Train networks that differ in their seed, then run them on videos; {ensemble, models, predictions, job}."""
        body: Json = {"members": members, "preset": preset, "spec": spec or {}, "name": name, "settings": settings}
        return self._post("/ensembles/train", body | {"video_ids": [id_of(v) for v in videos]})

    def run_ensemble(self, ensemble: Thing, videos: Sequence[Thing], again: bool = False) -> Json:
        """{predictions, jobs, skipped}: what members have not predicted yet is predicted first.

        With `again` videos that are done are smoothed anew, such as after a change of the settings.
        """
        body = {"video_ids": [id_of(v) for v in videos], "again": again}
        return self._post(f"/ensembles/{id_of(ensemble)}/run", body)

    def change_ensemble(self, ensemble: Thing, settings: Json) -> Json:
        return self._patch(f"/ensembles/{id_of(ensemble)}", {"settings": settings})

    def rename_ensemble(self, ensemble: Thing, name: str) -> Json:
        return self._patch(f"/ensembles/{id_of(ensemble)}", {"name": name})

    def delete_ensemble(self, ensemble: Thing) -> int:
        return self._delete(f"/ensembles/{id_of(ensemble)}")

    def set_camera_times(self, video: Thing, seconds: Sequence[float], filename: str = "times") -> Json:
        """Seconds of a video's frames by a clock that the other cameras share: for cameras at their own pace."""
        path = f"{self._path}/videos/{id_of(video)}/camera-times"
        changed: Json = self._transport.put(path, {"filename": filename, "seconds": list(seconds)})
        return changed

    def calibrate(self, recording: Thing, path: str | Path) -> Json:
        """The job that reads a recording's calibration: TOML of Anipose, YAML or JSON of OpenCV."""
        body = {"filename": Path(path).name, "text": Path(path).read_text(encoding="utf-8")}
        job: Json = self._transport.put(f"{self._path}/recordings/{id_of(recording)}/calibration", body)["job"]
        return job

    # Jobs

    def jobs(self, state: str | None = None, kind: str | None = None) -> list[Json]:
        return self._list("/jobs", state=state, kind=kind)

    def job(self, job: Thing) -> Json:
        return self._get(f"/jobs/{id_of(job)}")

    def cancel(self, job: Thing) -> Json:
        return self._post(f"/jobs/{id_of(job)}/cancel")

    def wait(self, job: Thing, progress: Progress = silent, timeout: float | None = None) -> Json:
        """The job once it has succeeded.

        Raises:
            JobEnded: it failed or was cancelled; the error says why.
            TimeoutError: it still runs after `timeout` seconds.
        """

        def look() -> Json:
            seen = self.job(job)
            if told := seen["progress"]:
                progress(told.get("stage", ""), told.get("done", 0), told.get("total", 0))
            return seen

        ended = look_until(look, lambda seen: seen["state"] in ENDED, timeout)
        if ended["state"] != "succeeded":
            raise JobEnded(ended)
        return ended

    # In and out

    def import_zip(self, path: str | Path, progress: Progress = silent, **options: Any) -> Json:
        """The job that imports a zipped Lightning Pose or DeepLabCut project; its ``result["report"]`` tells what came.

        `options`: dry_run, scorer, create_skeleton, recording_pattern.
        """
        upload_id = upload(self._transport, self._path, Path(path), "import", progress)["upload_id"]
        return self._import({"upload_id": upload_id}, options)

    def import_folder(self, folder: str | Path, progress: Progress = silent, **options: Any) -> Json:
        """Like `import_zip`, for a folder of this machine."""
        with tempfile.TemporaryDirectory(prefix="tailbase-") as scratch:
            archive = Path(scratch) / f"{Path(folder).resolve().name}.zip"
            zip_folder(Path(folder).resolve(), archive, progress)
            return self.import_zip(archive, progress, **options)

    def import_root(self, root: str, path: str, **options: Any) -> Json:
        """Like `import_zip`, for a folder the server may read; its videos stay where they are."""
        return self._import({"root": root, "path": path}, options)

    def export(
        self,
        what: str,
        format: str,
        folder: str | Path,
        predictions: Sequence[Thing] | None = None,
        progress: Progress = silent,
    ) -> list[Path]:
        """Write `labels` or `predictions` into a folder, as lightning-pose, deeplabcut, parquet or csv."""
        job = self.wait(self.start_export(what, format, predictions), progress)
        return self.download_artifacts(job, folder, progress)

    def start_export(self, what: str, format: str, predictions: Sequence[Thing] | None = None) -> Json:
        """The job that makes the files; `predictions` are some of them, or None for all that are finished."""
        body: Json = {"what": what, "format": format}
        if predictions is not None:
            body["prediction_ids"] = [id_of(prediction) for prediction in predictions]
        job: Json = self._post("/exports", body)["job"]
        return job

    def download_artifacts(self, job: Thing, folder: str | Path, progress: Progress = silent) -> list[Path]:
        """The files of a job that has ended."""
        return artifact_paths(self._transport, self.job(job)["artifacts"], Path(folder), progress)

    def trash(self) -> list[Json]:
        return self._list("/trash")

    def restore(self, kind: str, thing: Thing) -> None:
        self._post(f"/trash/{kind}/{id_of(thing)}/restore")

    def empty_trash(self) -> int:
        return self._delete("/trash")

    # How it is asked

    def _import(self, source: Json, options: Json) -> Json:
        job: Json = self._post("/imports", {**source, **options})["job"]
        return job

    def _get(self, rest: str) -> Json:
        found: Json = self._transport.get(self._path + rest)
        return found

    def _list(self, rest: str, **query: Any) -> list[Json]:
        return list(self._transport.pages(self._path + rest, **query))

    def _post(self, rest: str, body: Json | None = None) -> Json:
        reply: Json = self._transport.post(self._path + rest, body)
        return reply

    def _patch(self, rest: str, body: Json, headers: dict[str, str] | None = None) -> Json:
        reply: Json = self._transport.patch(self._path + rest, body, headers)
        return reply

    def _delete(self, rest: str) -> int:
        return int(self._transport.delete(self._path + rest)["bytes_freed"])
