"""What each action of `tailbase remote` does."""

import argparse
import getpass
import json
import platform
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from tailbase_client import config, transfers
from tailbase_client.client import Tailbase, sign_in
from tailbase_client.errors import JobEnded, Json, TailbaseApiError
from tailbase_client.project import Project

Action = Callable[[argparse.Namespace], None]

console = Console()


def login(args: argparse.Namespace) -> None:
    url = args.url.rstrip("/")
    token = args.token
    if token is None:
        email = args.email or input("E-mail: ")
        token = sign_in(url, email, getpass.getpass("Password: "), f"tailbase remote on {platform.node()}")
    with Tailbase(url, token) as tailbase:
        me = tailbase.me()
    _say(f"Signed in to {url} as {me['name']}. The token is kept in {config.save(url, token)}.")


def logout(_: argparse.Namespace) -> None:
    config.forget()
    _say("Server and token are forgotten. The token itself can be deleted on the account page.")


def projects(args: argparse.Namespace) -> None:
    with Tailbase() as tailbase:
        if args.create is not None:
            tailbase.create_project(args.create)
        rows = [[p["name"], p["role"], *map(str, p["counts"].values()), p["id"]] for p in tailbase.projects()]
    _table(["project", "role", "videos", "frames", "labelled", "models", "id"], rows)


def videos(args: argparse.Namespace) -> None:
    with _project(args) as project:
        rows = [
            [v["name"], v["recording"]["name"], v["state"], str(v["frame_count"] or ""), v["error_detail"] or ""]
            for v in project.videos()
        ]
    _table(["video", "recording", "state", "frames", "why"], rows)


def upload(args: argparse.Namespace) -> None:
    missing = [str(path) for path in args.files if not path.is_file()]
    if missing:
        raise FileNotFoundError(f"no such file: {', '.join(missing)}")
    rejected = []
    with _project(args) as project:
        for path in args.files:
            with _bar(path.name) as progress:
                video = project.upload_video(path, progress, checksum=args.checksum)
                progress("reading on the server", 0, 0)
                seen = project.wait_for_video(video)
            if seen["state"] == "rejected":
                rejected.append(seen)
                _say(f"{seen['name']} was rejected: {seen['error_detail']} [{seen['error_code']}]")
            else:
                _say(f"{seen['name']}: {seen['frame_count']} frames of {seen['width']} x {seen['height']}")
    if rejected:
        raise TailbaseApiError(200, "video.rejected", f"{len(rejected)} of {len(args.files)} videos were rejected.")


def register(args: argparse.Namespace) -> None:
    with _project(args) as project:
        where = {"folder": args.folder, "pattern": args.pattern, "recursive": args.recursive}
        done = project.register(args.root, args.paths) if args.paths else project.register(args.root, **where)
    _say(f"Registered {_videos(done['registered'])}; registered before: {done['skipped']}.")


def import_(args: argparse.Namespace) -> None:
    options = {"dry_run": args.dry_run} | ({} if args.scorer is None else {"scorer": args.scorer})
    with _project(args) as project, _bar(str(args.source)) as progress:
        if args.root is not None:
            job = project.import_root(args.root, args.source.as_posix(), **options)
        elif args.source.is_dir():
            job = project.import_folder(args.source, progress, **options)
        elif args.source.is_file():
            job = project.import_zip(args.source, progress, **options)
        else:
            raise FileNotFoundError(f"no such folder or zip: {args.source}")
        done = project.wait(job, progress)
    console.print_json(data=done["result"].get("report", done["result"]))


def select_frames(args: argparse.Namespace) -> None:
    with _project(args) as project:
        chosen = _chosen_videos(project, args.videos)
        started = project.select_frames(chosen, args.count, args.method)
        if args.wait:
            _wait(project, started)
            _say(f"{len(project.frames(state='todo'))} frames wait to be labelled.")


def train(args: argparse.Namespace) -> None:
    with _project(args) as project:
        made = project.train(args.preset, args.name, _nested(args.changes))
        _say(f"Training {made['model']['name']}.")
        if args.wait:
            _wait(project, [made["job"]])
            console.print_json(data=project.model(made["model"])["metrics"])


def models(args: argparse.Namespace) -> None:
    with _project(args) as project:
        rows = [[m["name"], m["preset"] or "", m["state"], _error_of(m), m["id"]] for m in project.models()]
    _table(["model", "preset", "state", "error", "id"], rows)


def predict(args: argparse.Namespace) -> None:
    with _project(args) as project:
        model = _named(project.models(), args.model, "model")
        chosen = _chosen_videos(project, args.videos)
        asked = project.predict(model, chosen)
        _say(f"{_videos(len(asked['jobs']))} to predict; predicted before: {len(asked['skipped'])}.")
        if args.wait or args.out is not None:
            _wait(project, asked["jobs"])
        if args.out is not None:
            _download(project, project.predictions(model=model), chosen, args.out)


def ensembles(args: argparse.Namespace) -> None:
    with _project(args) as project:
        rows = [[e["name"], e["settings"]["method"], str(len(e["members"])), e["state"], e["id"]]
                for e in project.ensembles()]  # fmt: skip
    _table(["ensemble", "method", "members", "state", "id"], rows)


def train_ensemble(args: argparse.Namespace) -> None:
    with _project(args) as project:
        chosen = _chosen_videos(project, args.videos)
        made = project.train_ensemble(args.members, args.preset, chosen, args.name, _nested(args.changes))
        _say(f"Training {args.members} networks for {made['ensemble']['name']}.")
        if args.wait:
            _wait(project, [made["job"]])


def run_ensemble(args: argparse.Namespace) -> None:
    with _project(args) as project:
        ensemble = _named(project.ensembles(), args.ensemble, "ensemble")
        chosen = _chosen_videos(project, args.videos)
        asked = project.run_ensemble(ensemble, chosen)
        _say(f"{_videos(len(asked['predictions']))} to run; run before: {len(asked['skipped'])}.")
        if args.wait or args.out is not None:
            _wait(project, asked["jobs"])
        if args.out is not None:
            _download(project, project.predictions(ensemble=ensemble), chosen, args.out)


def jobs(args: argparse.Namespace) -> None:
    with _project(args) as project:
        if args.cancel is not None:
            _say(f"The job is {project.cancel(args.cancel)['state']}.")
        elif args.follow is not None:
            _wait(project, [project.job(args.follow)])
        else:
            rows = [[j["title"], j["kind"], j["state"], j["error_detail"] or "", j["id"]] for j in project.jobs()]
            _table(["job", "kind", "state", "why", "id"], rows)


def export(args: argparse.Namespace) -> None:
    with _project(args) as project, _bar(f"export {args.what}") as progress:
        paths = project.export(args.what, args.format, args.out, progress=progress)
    for path in paths:
        _say(str(path))


def setting(text: str) -> tuple[list[str], Any]:
    """``split.test=0.1`` as (["split", "test"], 0.1)."""
    name, separator, value = text.partition("=")
    if not separator or not name:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    try:
        return name.split("."), json.loads(value)
    except ValueError:
        return name.split("."), value


def _nested(changes: list[tuple[list[str], Any]]) -> Json:
    made: Json = {}
    for path, value in changes:
        inner = made
        for name in path[:-1]:
            inner = inner.setdefault(name, {})
        inner[path[-1]] = value
    return made


@contextmanager
def _project(args: argparse.Namespace) -> Iterator[Project]:
    with Tailbase() as tailbase:
        yield tailbase.project(args.project)


def _chosen_videos(project: Project, names: Sequence[str]) -> list[Json]:
    ready = project.videos(state="ready")
    if not ready:
        raise TailbaseApiError(409, "video.none", "The project has no video that is ready. Upload or register some.")
    return [_named(ready, name, "video") for name in names] or ready


def _named(things: list[Json], name: str, noun: str) -> Json:
    found = [t for t in things if t["id"] == name] or [t for t in things if t["name"] == name]
    if len(found) != 1:
        what = "None is" if not found else f"{len(found)} are"
        known = ", ".join(t["name"] for t in things[:20]) or "none"
        raise TailbaseApiError(404, f"{noun}.unclear", f"{what} called {name}. There are: {known}.")
    return found[0]


def _wait(project: Project, started: list[Json]) -> None:
    """Wait for all; the first failure is raised when the others have ended, too."""
    failed: JobEnded | None = None
    for job in started:
        with _bar(job["title"]) as progress:
            try:
                project.wait(job, progress)
            except JobEnded as error:
                failed = failed or error
    if failed is not None:
        raise failed


def _download(project: Project, predictions: list[Json], chosen: list[Json], folder: Path) -> None:
    wanted = {video["id"] for video in chosen}
    for prediction in predictions:
        if prediction["video"]["id"] in wanted and prediction["state"] == "ready":
            name = f"{Path(prediction['video']['name']).stem}.parquet"
            with _bar(name) as progress:
                path = project.download_prediction(prediction, folder / name, progress)
            _say(str(path))


def _error_of(model: Json) -> str:
    """Mean pixel error on the held-out images, where there are some."""
    for split in ("test", "validation"):
        mean = (model["metrics"].get(split) or {}).get("mean_px")
        if mean is not None:
            return f"{mean:.2f} px ({split})"
    return ""


@contextmanager
def _bar(title: str) -> Iterator[transfers.Progress]:
    """A bar that follows the stage it is told of; on standard error, so that results can be piped."""
    texts = (TextColumn(text, markup=False) for text in ("{task.fields[title]}", "{task.description}"))
    columns = (*texts, BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task: TaskID = bar.add_task("waiting", total=None, title=title)

        def progress(stage: str, done: int, total: int) -> None:
            bar.update(task, description=stage, completed=done, total=total or None)

        yield progress


def _videos(count: int) -> str:
    return f"{count} video" if count == 1 else f"{count} videos"


def _say(text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def _table(heads: list[str], rows: list[list[str]]) -> None:
    """Names are other people's text: shown, never read as markup."""
    table = Table(*heads, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    # Into a pipe nothing is shortened.
    (console if console.is_terminal else Console(width=1000)).print(table)
