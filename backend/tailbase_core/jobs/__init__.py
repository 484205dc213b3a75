"""The job state machine in SQL. The row is the truth; Celery only rings.

Every function takes a session and leaves the commit to its caller. Locks are always taken on the job first and on
what it works for second, so that a worker that publishes and a person who cancels never wait for each other.
"""

from tailbase_core.jobs.ending import cancel
from tailbase_core.jobs.fenced import (
    finish,
    hand_back,
    heartbeat,
    hold,
    look,
    lose,
    record,
    set_checkpoint,
    split,
    wait_for,
)
from tailbase_core.jobs.queue import claim, enqueue, should_give_way
from tailbase_core.jobs.reaper import reap
from tailbase_core.jobs.values import AWAITS, CancelAsked, Cancelled, Claim, Failed, Outcome, Part, Succeeded
from tailbase_core.jobs.workers import list_workers, seen, set_paused

__all__ = [
    "AWAITS",
    "CancelAsked",
    "Cancelled",
    "Claim",
    "Failed",
    "Outcome",
    "Part",
    "Succeeded",
    "cancel",
    "claim",
    "enqueue",
    "finish",
    "hand_back",
    "heartbeat",
    "hold",
    "list_workers",
    "look",
    "lose",
    "reap",
    "record",
    "seen",
    "set_checkpoint",
    "set_paused",
    "should_give_way",
    "split",
    "wait_for",
]
