"""Which losses a spec switches on."""

import pytest
from pydantic import ValidationError

from tailbase.schema import LossSpec, TrainSpec


def test_a_plain_spec_has_no_loss_that_needs_videos() -> None:
    assert TrainSpec().losses.weights == {}


def test_the_losses_that_are_on_are_listed_with_their_weights() -> None:
    assert LossSpec(temporal=0.5, unimodal=2).weights == {"temporal": 0.5, "unimodal": 2.0}


def test_a_ramp_that_falls_is_refused() -> None:
    with pytest.raises(ValidationError, match="ramp_end lies before ramp_start"):
        LossSpec(ramp_start=0.5, ramp_end=0.4)
