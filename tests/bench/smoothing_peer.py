"""Times ensemble-kalman-smoother; run by smoothing.py with the Python of an environment that has it.

    python smoothing_peer.py ENSEMBLES OUT

Prints a JSON line a case: `seconds` of its smoother alone, once the members are in memory.
"""

import json
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from eks import ibl_pupil_smoother, multicam_smoother, singlecam_smoother

PAWS = ["paw1LH", "paw2LF", "paw3RF", "paw4RH"]


class Timed:
    """A function that remembers how long its last call took."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function, self.seconds = function, 0.0

    def __call__(self, *args: Any, **options: Any) -> Any:
        began = time.perf_counter()
        result = self.function(*args, **options)
        self.seconds = time.perf_counter() - began
        return result


def main(ensembles: Path, out: Path) -> None:
    single = Timed(singlecam_smoother.ensemble_kalman_smoother_singlecam)
    views = Timed(multicam_smoother.ensemble_kalman_smoother_multicam)
    pupil = Timed(ibl_pupil_smoother.ensemble_kalman_smoother_ibl_pupil)
    singlecam_smoother.ensemble_kalman_smoother_singlecam = single
    multicam_smoother.ensemble_kalman_smoother_multicam = views
    ibl_pupil_smoother.ensemble_kalman_smoother_ibl_pupil = pupil
    shutil.rmtree(out, ignore_errors=True)
    fly = out / "fly"
    fly.mkdir(parents=True)
    for path in (ensembles / "fly").glob("*.csv"):
        shutil.copy(path, fly)
    mouse, apart = str(ensembles / "mirror-mouse"), str(ensembles / "mirror-mouse-separate")
    # The first turn warms up and does not count.
    for turn, fixed in enumerate((True, True, False)):
        s = 10.0 if fixed else None
        told = {"fixed": fixed, "counts": turn > 0}
        singlecam_smoother.fit_eks_singlecam(mouse, str(out / "single.csv"), smooth_param=s)
        print(json.dumps(told | {"case": "singlecam", "seconds": single.seconds}))
        multicam_smoother.fit_eks_mirrored_multicam(
            mouse, str(out / "mirrored.csv"), bodypart_list=PAWS, smooth_param=s, camera_names=["top", "bot"]
        )
        print(json.dumps(told | {"case": "mirrored", "seconds": views.seconds}))
        multicam_smoother.fit_eks_multicam(apart, str(out), PAWS, smooth_param=s, camera_names=["top", "bot"])
        print(json.dumps(told | {"case": "multicam", "seconds": views.seconds}))
        multicam_smoother.fit_eks_multicam(
            str(fly), str(out), ["L1A", "L1B"], smooth_param=s, calibration=str(ensembles / "fly/calibration.toml")
        )
        print(json.dumps(told | {"case": "calibrated", "seconds": views.seconds}))
        ibl_pupil_smoother.fit_eks_pupil(
            str(ensembles / "ibl-pupil"), str(out / "pupil.csv"), smooth_params=[0.99, 0.99] if fixed else None
        )
        print(json.dumps(told | {"case": "pupil", "seconds": pupil.seconds}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
