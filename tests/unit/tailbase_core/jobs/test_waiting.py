"""Jobs that wait for others: for children, and for jobs that belong to somebody else."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session, sessionmaker

from tailbase_core import jobs
from tailbase_core.jobs import Cancelled, Failed, Part, Succeeded

Sessions = sessionmaker[Session]


@pytest.mark.parametrize(
    "outcome", [Succeeded(), Failed("x", "It did not work."), Cancelled()], ids=["succeeded", "failed", "cancelled"]
)
def test_a_job_is_queued_when_the_job_it_awaits_has_ended_however_it_did(
    sessions: Sessions, queued: Any, claimed: Any, row: Any, outcome: Any
) -> None:
    theirs = queued("predict")
    first = claimed()
    mine = queued("ensemble")
    claim = claimed()
    with sessions.begin() as session:
        assert jobs.wait_for(session, claim, [], [theirs]) == []
    assert row(mine).state == "waiting"

    with sessions.begin() as session:
        jobs.finish(session, first, outcome)

    assert row(mine).state == "queued"


def test_a_job_waits_for_its_children_and_for_others_and_takes_turns_with_nobody(
    sessions: Sessions, queued: Any, claimed: Any, row: Any
) -> None:
    theirs = queued("predict")
    first = claimed()
    mine = queued("ensemble")
    with sessions.begin() as session:
        (child,) = jobs.wait_for(session, claimed_in(session), [Part("predict", {"n": 1}, "one")], [theirs])
        assert (child.kind, child.parent_id, child.spec) == ("predict", mine, {"n": 1})
    with sessions.begin() as session:
        jobs.finish(session, claimed_in(session), Succeeded())
    assert row(mine).state == "waiting"
    with sessions.begin() as session:
        jobs.finish(session, first, Succeeded())
    assert row(mine).state == "queued"


def test_a_job_that_began_waiting_is_queued_when_what_it_awaits_ends(sessions: Sessions, queued: Any, row: Any) -> None:
    root = queued("ensemble", waiting=True)
    training = queued("train", parent_id=root)
    run = queued("ensemble", parent_id=root, waiting=True, spec={jobs.AWAITS: [str(training)]})
    assert (row(root).state, row(run).state) == ("waiting", "waiting")

    with sessions.begin() as session:
        jobs.finish(session, claimed_in(session), Succeeded())

    assert (row(root).state, row(run).state) == ("waiting", "queued")


def test_a_failed_part_ends_the_whole_tree(sessions: Sessions, queued: Any, row: Any) -> None:
    root = queued("ensemble", waiting=True)
    training, other = queued("train", parent_id=root), queued("train", parent_id=root)
    run = queued("ensemble", parent_id=root, waiting=True, spec={jobs.AWAITS: [str(training), str(other)]})

    with sessions.begin() as session:
        jobs.finish(session, claimed_in(session), Failed("labels.none", "There are no labels."))

    assert (row(root).state, row(root).error_code) == ("failed", "labels.none")
    assert {row(id).state for id in (other, run)} == {"cancelled"}


def claimed_in(session: Session) -> jobs.Claim:
    claim = jobs.claim(session, "w2", ["default"], 60)
    assert claim is not None
    assert isinstance(claim.job_id, UUID)
    return claim
