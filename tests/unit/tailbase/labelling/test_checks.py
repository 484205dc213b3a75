"""Labels that are probably mistakes."""

import numpy as np
import pytest

from tailbase.labelling.checks import find_mistakes

# nose, left ear, right ear, tail
BODY = np.array([[30.0, 0], [20, -8], [20, 8], [0, 0]])
EDGES = [(0, 1), (0, 2), (2, 3)]
PAIRS = [(1, 2)]


def mice(count: int = 60) -> np.ndarray:
    """Bodies from above, that turn and go everywhere, labelled with some pixels of error."""
    random = np.random.default_rng(0)
    angle = random.uniform(0, 2 * np.pi, count)
    turn = np.stack([np.stack([np.cos(angle), -np.sin(angle)], -1), np.stack([np.sin(angle), np.cos(angle)], -1)], -2)
    bodies = np.einsum("nij,kj->nki", turn, BODY)
    return bodies + random.uniform(50, 400, (count, 1, 2)) + random.normal(0, 0.7, (count, 4, 2))


def test_good_labels_give_no_findings() -> None:
    assert find_mistakes(mice(), EDGES, PAIRS) == []


def test_exchanged_ears_are_found_once_and_first() -> None:
    poses = mice()
    poses[7, [1, 2]] = poses[7, [2, 1]]
    (finding,) = find_mistakes(poses, EDGES, PAIRS)
    assert (finding.pose, finding.kind, finding.keypoints) == (7, "swap", (1, 2))


def test_limbs_exchanged_where_the_body_has_no_middle_are_found_by_their_bones() -> None:
    random = np.random.default_rng(1)
    sides = np.array([[0.0, 0], [0, 60], [10, 5], [10, 55]])  # left hip, right hip, left knee, right knee
    poses = sides + random.normal(0, 1, (40, 4, 2))
    poses[3, [2, 3]] = poses[3, [3, 2]]
    findings = find_mistakes(poses, [(0, 2), (1, 3)], [(2, 3)])
    assert [(f.pose, f.kind, f.keypoints) for f in findings] == [(3, "swap", (2, 3))]


def test_a_point_far_from_its_bone_is_found() -> None:
    poses = mice()
    poses[12, 0] += poses[12, 0] - poses[12, 1]
    assert ("bone", (0, 1)) in {(f.kind, f.keypoints) for f in find_mistakes(poses, EDGES, []) if f.pose == 12}
    assert {f.pose for f in find_mistakes(poses, EDGES, [])} == {12}


@pytest.mark.parametrize("missing", [0, 1, 3])
def test_missing_points_are_no_mistake(missing: int) -> None:
    poses = mice()
    poses[::2, missing] = np.nan
    assert find_mistakes(poses, EDGES, PAIRS) == []


def test_a_few_poses_are_compared_with_nothing() -> None:
    assert find_mistakes(mice(9), EDGES, PAIRS) == []
    assert find_mistakes(np.zeros((0, 4, 2)), EDGES, PAIRS) == []


def test_a_skeleton_without_edges_and_pairs_can_be_checked_too() -> None:
    poses = mice()
    poses[5, 3] += 200
    assert {f.pose for f in find_mistakes(poses, [], [])} <= {5}
