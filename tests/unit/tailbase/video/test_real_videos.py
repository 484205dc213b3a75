"""Films of real animals, by encoders of many ages: a jump gives the very pixels of reading in order."""

from pathlib import Path

import numpy as np
import pytest

from tailbase.video.reader import open_video

DATASETS = Path(__file__).parents[5] / "shared" / "datasets"
FILMS = {
    "mirror-mouse/videos/test_vid.mp4": (994, 250.0),
    # 4:4:4 by an old x264: decoders need its name, which only the first frame holds.
    "dlc-openfield/videos/m3v1mp4.mp4": (2330, 30.0003),
    "sleap-centered-pair/small_robot.mp4": (166, 30.0),
}


@pytest.mark.parametrize(("name", "facts"), FILMS.items(), ids=FILMS.keys())
def test_a_real_film_is_counted_and_read_exactly(name, facts):
    path = DATASETS / name
    if not path.exists():
        pytest.skip(f"real videos are not here: {path}")
    count, fps = facts
    with open_video(path) as video:
        assert video.frame_count == count
        assert float(video.fps) == pytest.approx(fps, abs=1e-3)
        asked = sorted(np.random.default_rng(0).choice(count, 6, replace=False).tolist(), reverse=True)
        jumped = {i: video.frame(i) for i in asked}
        for i, image in enumerate(video.frames()):
            if i in jumped:
                np.testing.assert_array_equal(jumped[i], image)
