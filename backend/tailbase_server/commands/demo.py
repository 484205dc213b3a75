"""`tailbase demo`: everything once on a drawn animal, from video to poses, and then served."""

import argparse

from tailbase.errors import PoseError
from tailbase_client import TailbaseApiError
from tailbase_core.errors import TailbaseError
from tailbase_server.commands import up
from tailbase_server.commands.terminal import Stages, say
from tailbase_server.local import Local, running
from tailbase_server.sample.score import Score

HELP = "Start Tailbase with a sample project: draws, labels, trains and predicts in a few minutes."


def configure(parser: argparse.ArgumentParser) -> None:
    up.configure(parser)


def run(args: argparse.Namespace) -> int:
    try:
        with running(up.settings_of(args), args.host, args.port, say) as local:
            report(_sample(local))
            up.serve(local)
    except (TailbaseError, TailbaseApiError) as error:
        raise PoseError(error.code, error.detail) from error
    return 0


def _sample(local: Local) -> Score:
    # Here, because it loads the video libraries, which the other commands need not wait for.
    from tailbase_server.sample.project import make_sample

    with Stages() as tell:
        return make_sample(local, tell)


def report(score: Score) -> None:
    """The figures of the recording the network never saw."""
    say(
        f"On the unseen recording: mean error {score.mean_px:.2f} px, {score.of_body:.1%} of the body's length, "
        f"{score.of_mean_pose:.2f} times the error of guessing the mean pose."
    )
