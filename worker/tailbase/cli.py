"""The `tailbase` command. Its verbs are found by entry points, so that each package brings its own."""

import argparse
import os
import sys
from importlib.metadata import EntryPoint, entry_points
from typing import Protocol, cast

from tailbase import __version__
from tailbase.errors import PoseError
from tailbase.progress import JsonReporter


class Verb(Protocol):
    """A module with a one-line HELP, its arguments, and what it does."""

    HELP: str

    def configure(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, args: argparse.Namespace) -> int: ...


def _installed(wanted: str | None) -> list[tuple[str, Verb]]:
    """All verbs by name, or only the one that is wanted: the others' packages take time to load."""
    points = sorted(entry_points(group="tailbase.commands"), key=lambda point: point.name)
    chosen = [point for point in points if point.name == wanted] or points
    return [(point.name, verb) for point in chosen if (verb := _load(point)) is not None]


def _load(point: EntryPoint) -> Verb | None:
    """The verb, or None where its extra (say `tailbase[server]`) is not installed."""
    try:
        return cast(Verb, point.load())
    except ModuleNotFoundError as missing:
        if (missing.name or "").split(".")[0].startswith("tailbase"):
            raise
        return None


def build_parser(wanted: str | None = None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tailbase", description="From videos of animals to poses.")
    parser.add_argument("--version", action="version", version=f"tailbase {__version__}")
    verbs = parser.add_subparsers(dest="verb", metavar="COMMAND", required=True)
    for name, verb in _installed(wanted):
        sub = verbs.add_parser(name, help=verb.HELP, description=verb.HELP)
        verb.configure(sub)
        sub.set_defaults(run=verb.run)
    return parser


def main(argv: list[str] | None = None) -> int:
    # Threads that spin long while they wait for each other train half as fast on a machine that does anything else;
    # threads that never spin lose a fifth on an idle one. OpenMP reads this when torch is loaded.
    os.environ.setdefault("GOMP_SPINCOUNT", "10000")
    words = sys.argv[1:] if argv is None else argv
    args = build_parser(words[0] if words else None).parse_args(words)
    try:
        return int(args.run(args))
    except PoseError as error:
        if getattr(args, "json", False):
            JsonReporter().error(error.code, error.message)
        sys.stderr.write(f"tailbase {args.verb}: {error.message} [{error.code}]\n")
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
