"""What each kind of job does: `run(work)` does it and gives what publishes the results."""

from collections.abc import Callable, Mapping

from tailbase_worker.kinds import (
    calibration,
    ensemble,
    evaluate,
    exports,
    frames,
    heatmap,
    imports,
    imports_of_predictions,
    ingest,
    predict,
    prelabel,
    proxy,
    train,
)
from tailbase_worker.work import Publish, Work

KINDS: Mapping[str, Callable[[Work], Publish]] = {
    "ingest": ingest.run,
    "proxy": proxy.run,
    "frames": frames.run,
    "train": train.run,
    "predict": predict.run,
    "ensemble": ensemble.run,
    "prelabel": prelabel.run,
    "evaluate": evaluate.run,
    "heatmap": heatmap.run,
    "import": imports.run,
    "import_predictions": imports_of_predictions.run,
    "calibration": calibration.run,
    "export": exports.run,
}
