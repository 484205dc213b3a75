"""`tailbase up`: the whole of Tailbase on this machine."""

import argparse
import sys
import time
from pathlib import Path

from tailbase.errors import PoseError
from tailbase_core.errors import TailbaseError
from tailbase_core.links import link_url
from tailbase_core.settings import Settings
from tailbase_server.commands.terminal import say
from tailbase_server.local import Local, running

HELP = "Start Tailbase on this machine: servers, web page and a worker."
DEFAULT_PORT = 8420


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, metavar="DIR", help="where everything is kept (default: ~/.tailbase)")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="port of the web page (default: %(default)s)")
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="address to listen on; 0.0.0.0 lets other machines in (default: %(default)s)",
    )
    parser.add_argument(
        "--root",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help="folder whose videos may be used in place, read-only; may be given several times",
    )


def run(args: argparse.Namespace) -> int:
    try:
        with running(settings_of(args), args.host, args.port, say) as local:
            serve(local)
    except TailbaseError as error:
        raise PoseError(error.code, error.detail) from error
    return 0


def settings_of(args: argparse.Namespace) -> Settings:
    """The settings of the environment, overruled by the command line."""
    given: dict[str, object] = {}
    if args.data is not None:
        given["data_dir"] = args.data.expanduser().resolve()
    if args.root:
        given["roots"] = tuple(_folder(root) for root in args.root)
    return Settings().model_copy(update=given)


def serve(local: Local) -> None:
    """Print the line that scripts may wait for, the only one on standard output, and serve until asked to stop."""
    token, _purpose = local.new_link()
    try:
        sys.stdout.write(f"Ready: {link_url(local.url, token)}\n")
        sys.stdout.flush()
        say("The link signs you in once. Press Ctrl-C to stop.")
        while True:
            # Short: a signal that arrives just before a long sleep would be noticed only after it.
            time.sleep(1)
    except KeyboardInterrupt:
        return


def _folder(root: Path) -> Path:
    folder = root.expanduser().resolve()
    if not folder.is_dir():
        raise PoseError("root.missing", f"{root} is not a folder. --root takes a folder that holds videos.")
    return folder
