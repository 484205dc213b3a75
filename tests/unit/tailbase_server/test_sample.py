"""The figures and the one-time link of the sample project."""

from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from tailbase.schema import SINGLE, ImageRef, Keypoint, Labels, Skeleton
from tailbase_core.security import token_hash
from tailbase_core.tables import OneTimeLink, User
from tailbase_server.commands.terminal import Stages
from tailbase_server.embedded.private import kept_secret
from tailbase_server.links import new_link
from tailbase_server.sample.project import film
from tailbase_server.sample.score import score


def test_the_score_is_the_mean_distance_and_its_two_ratios() -> None:
    truth = np.array([[[0.0, 0.0], [10.0, 0.0]], [[6.0, 8.0], [10.0, 0.0]]])
    predicted = truth + np.array([[3.0, 4.0], [0.0, 0.0]])
    labelled = np.array([[[0.0, 0.0], [10.0, 0.0]]])
    found = score(predicted, truth, labelled, body_px=50.0)
    # 5 px for one of two keypoints; the mean pose is 10 px wrong once in four points.
    assert (found.mean_px, found.of_body, found.of_mean_pose) == pytest.approx((2.5, 0.05, 1.0))


def test_points_that_cannot_be_seen_do_not_count() -> None:
    truth = np.array([[[0.0, 0.0], [np.nan, np.nan]]])
    labelled = np.zeros((1, 2, 2))
    assert score(np.ones((1, 2, 2)), truth, labelled + 1, body_px=10.0).mean_px == pytest.approx(np.sqrt(2))


def test_the_truth_of_a_film_is_put_in_the_order_of_its_frames() -> None:
    images = [("b", 0), ("a", 1), ("a", 0)]
    truth = Labels(
        skeleton=Skeleton(keypoints=(Keypoint(name="nose"),)),
        individuals=(SINGLE,),
        images=tuple(ImageRef(path=f"{video}{i}.png", video=video, frame_index=i) for video, i in images),
        points=np.arange(6.0).reshape(3, 1, 1, 2),
        states=np.ones((3, 1, 1), np.int8),
    )
    assert film(truth, "a").tolist() == [[[4.0, 5.0]], [[2.0, 3.0]]]


def test_the_first_link_is_for_the_owner_and_later_ones_sign_the_owner_in(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        assert new_link(session)[1] == "owner"
        owner = User(email="a@b.example", name="A", is_admin=True, preferences={})
        session.add(owner)
        session.flush()
        token, purpose = new_link(session)
        link = session.scalars(select(OneTimeLink).where(OneTimeLink.token_hash == token_hash(token))).one()
        assert (purpose, link.user_id) == ("login", owner.id)


def test_a_log_gets_a_line_at_the_beginning_and_end_of_a_stage(capsys: pytest.CaptureFixture[str]) -> None:
    with Stages() as tell:
        for done in range(5):
            tell("Drawing", done, 4)
    assert capsys.readouterr().err.splitlines() == ["Drawing: 0%", "Drawing: 100%"]


def test_secrets_survive_and_stay_the_same(tmp_path: Path) -> None:
    assert kept_secret(tmp_path / "a" / "b") == kept_secret(tmp_path / "a" / "b")
