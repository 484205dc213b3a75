import pytest

from tailbase.errors import PoseError
from tailbase.formats.skeleton_json import read_skeleton, write_skeleton


def test_a_skeleton_comes_back_as_it_was(skeleton, tmp_path):
    write_skeleton(skeleton, tmp_path / "skeleton.json")
    assert read_skeleton(tmp_path / "skeleton.json") == skeleton


@pytest.mark.parametrize(
    "content",
    ["", "{}", '{"keypoints": []}', '{"keypoints": [{"name": "a"}, {"name": "a"}]}', "[" * 100_000, "1" * 2_000_000,
     '{"keypoints": [{"name": "a"}], "edges": [["a", "b"]]}'],
)  # fmt: skip
def test_what_is_no_skeleton_is_refused(content, tmp_path):
    (tmp_path / "skeleton.json").write_text(content)
    with pytest.raises(PoseError) as caught:
        read_skeleton(tmp_path / "skeleton.json")
    assert caught.value.code == "skeleton.invalid"
