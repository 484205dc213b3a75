"""Beginning where another training ended, as rounds of pre-labels do while labels grow."""

from pathlib import Path

from tailbase.networks.model_folder import load_model
from tailbase.networks.tracker import Tracker
from tailbase.schema import Skeleton


def take_weights(tracker: Tracker, skeleton: Skeleton, model: Path) -> None:
    """Give `tracker` the weights of an earlier model, in place.

    Where the keypoints are others, or in another order, only the backbone is taken; parts of another shape stay.

    Errors:
        model.not_a_model.
    """
    earlier, facts = load_model(model)
    source, target = earlier.state_dict(), tracker.state_dict()
    same = facts.skeleton.names == skeleton.names
    for name, value in source.items():
        fits = name in target and target[name].shape == value.shape
        if fits and (same or name.startswith("backbone.")):
            target[name].copy_(value)
