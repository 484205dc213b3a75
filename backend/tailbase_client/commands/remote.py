"""`tailbase remote`: work on a Tailbase server from the command line."""

import argparse
import sys
from pathlib import Path
from typing import Any

from tailbase_client.commands import remote_actions as actions
from tailbase_client.errors import TailbaseApiError

HELP = "Work on a Tailbase server: upload, import, train, predict, export."

FORMATS = ("lightning-pose", "deeplabcut", "parquet", "csv")


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "Sign in once with: tailbase remote login URL. PROJECT, MODEL and VIDEO are names or ids."
    verbs = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    _configure_account(verbs)
    _configure_videos(verbs)
    _configure_imports(verbs)
    _configure_work(verbs)
    _configure_exports(verbs)


def run(args: argparse.Namespace) -> int:
    try:
        args.act(args)
    except TailbaseApiError as error:
        sys.stderr.write(f"tailbase remote {args.action}: {error.detail} [{error.code}]\n")
        return 2
    except OSError as error:
        sys.stderr.write(f"tailbase remote {args.action}: {error}\n")
        return 2
    return 0


def _add(verbs: Any, name: str, act: actions.Action, help: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = verbs.add_parser(name, help=help, description=f"{help[0].upper()}{help[1:]}.")
    parser.set_defaults(act=act)
    return parser


def _in_project(verbs: Any, name: str, act: actions.Action, help: str) -> argparse.ArgumentParser:
    parser = _add(verbs, name, act, help)
    parser.add_argument("project", metavar="PROJECT", help="its name or id")
    return parser


def _waits(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--no-wait", dest="wait", action="store_false", help="do not wait until it is done")


def _configure_account(verbs: Any) -> None:
    login = _add(verbs, "login", actions.login, "sign in to a server and keep a token in your configuration folder")
    login.add_argument("url", metavar="URL", help="where the server's page is opened, e.g. http://127.0.0.1:8420")
    login.add_argument("--token", help="an API token made on the page; else e-mail and password are asked for")
    login.add_argument("--email", help="your e-mail address")
    _add(verbs, "logout", actions.logout, "forget server and token")
    projects = _add(verbs, "projects", actions.projects, "list your projects")
    projects.add_argument("--create", metavar="NAME", help="make a new one first")


def _configure_videos(verbs: Any) -> None:
    _in_project(verbs, "videos", actions.videos, "list the videos of a project")
    upload = _in_project(verbs, "upload", actions.upload, "upload videos; one that was interrupted goes on")
    upload.add_argument("files", nargs="+", type=Path, metavar="FILE", help="videos")
    upload.add_argument("--no-checksum", dest="checksum", action="store_false", help="do not compute SHA-256 first")
    register = _in_project(verbs, "register", actions.register, "use videos where they lie, in a folder of the server")
    register.add_argument("root", metavar="ROOT", help="the folder's name, as the server shows it")
    register.add_argument("paths", nargs="*", metavar="PATH", help="videos in it; without any, --folder is searched")
    register.add_argument("--folder", default="", help="where to look (default: the whole root)")
    register.add_argument("--pattern", default="*.mp4", help="which names to take (default: %(default)s)")
    register.add_argument("--recursive", action="store_true", help="look into the folders below, too")


def _configure_imports(verbs: Any) -> None:
    parser = _in_project(verbs, "import", actions.import_, "import a Lightning Pose or DeepLabCut project")
    parser.add_argument("source", type=Path, metavar="SOURCE", help="a folder or zip here, or a path under --root")
    parser.add_argument("--root", metavar="ROOT", help="SOURCE lies in this folder of the server, and stays there")
    parser.add_argument("--dry-run", action="store_true", help="only report what would come")
    parser.add_argument("--scorer", help="whose labels, where the project has those of several people")


def _configure_work(verbs: Any) -> None:
    select = _in_project(verbs, "select-frames", actions.select_frames, "choose frames to label")
    select.add_argument("videos", nargs="*", metavar="VIDEO", help="in these videos (default: in all that are ready)")
    select.add_argument("-n", "--count", type=int, default=20, help="frames in each video (default: %(default)s)")
    select.add_argument("--method", choices=("kmeans", "uniform"), default="kmeans", help="default: %(default)s")
    _waits(select)
    train = _in_project(verbs, "train", actions.train, "train a network on the project's labels")
    train.add_argument(
        "--preset", default="standard",
        help="fast, standard, or semi_supervised or context, which learn from unlabelled video (default: %(default)s)",
    )  # fmt: skip
    train.add_argument("--name", help="what to call the model")
    train.add_argument(
        "--set", dest="changes", action="append", default=[], type=actions.setting, metavar="NAME=VALUE",
        help="change the preset, e.g. --set epochs=50 --set backbone=resnet50",
    )  # fmt: skip
    _waits(train)
    _in_project(verbs, "models", actions.models, "list the models of a project")
    predict = _in_project(verbs, "predict", actions.predict, "predict videos with a model")
    predict.add_argument("model", metavar="MODEL", help="its name or id")
    predict.add_argument("videos", nargs="*", metavar="VIDEO", help="these videos (default: all that are ready)")
    predict.add_argument("--out", type=Path, metavar="DIR", help="download the predictions as Parquet files")
    _waits(predict)
    _configure_ensembles(verbs)
    jobs = _in_project(verbs, "jobs", actions.jobs, "list the jobs of a project, or look after one")
    jobs.add_argument("--follow", metavar="JOB", help="show its progress until it ends")
    jobs.add_argument("--cancel", metavar="JOB", help="stop it")


def _configure_ensembles(verbs: Any) -> None:
    _in_project(verbs, "ensembles", actions.ensembles, "list the ensembles of a project")
    train = _in_project(verbs, "train-ensemble", actions.train_ensemble, "train several networks and run them together")
    train.add_argument("videos", nargs="*", metavar="VIDEO", help="run on these videos (default: all that are ready)")
    train.add_argument("--members", type=int, default=5, help="how many networks (default: %(default)s)")
    train.add_argument(
        "--preset", default="standard",
        help="fast, standard, or semi_supervised or context, which learn from unlabelled video (default: %(default)s)",
    )  # fmt: skip
    train.add_argument("--name", help="what to call the ensemble")
    train.add_argument(
        "--set", dest="changes", action="append", default=[], type=actions.setting, metavar="NAME=VALUE",
        help="change the preset, e.g. --set epochs=50",
    )  # fmt: skip
    _waits(train)
    run = _in_project(verbs, "run-ensemble", actions.run_ensemble, "predict videos with an ensemble")
    run.add_argument("ensemble", metavar="ENSEMBLE", help="its name or id")
    run.add_argument("videos", nargs="*", metavar="VIDEO", help="these videos (default: all that are ready)")
    run.add_argument("--out", type=Path, metavar="DIR", help="download the tracks as Parquet files")
    _waits(run)


def _configure_exports(verbs: Any) -> None:
    export = _in_project(verbs, "export", actions.export, "download labels or predictions")
    export.add_argument("what", choices=("labels", "predictions"))
    export.add_argument("--format", choices=FORMATS, default="lightning-pose", help="default: %(default)s")
    export.add_argument("--out", type=Path, default=Path(), metavar="DIR", help="where to (default: here)")
