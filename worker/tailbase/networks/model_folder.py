"""A trained network on disk: `weights.safetensors` and `model.json`."""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, ValidationError
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from tailbase.errors import PoseError
from tailbase.formats.atomic import replacing, write_text
from tailbase.networks.architectures import new_tracker
from tailbase.networks.tracker import Tracker
from tailbase.schema import Frozen, Skeleton, TrainSpec

WEIGHTS, FACTS = "weights.safetensors", "model.json"


class SplitPaths(Frozen):
    """Paths of the labelled images, by use."""

    train: tuple[str, ...] = ()
    validation: tuple[str, ...] = ()
    test: tuple[str, ...] = ()


class ModelFacts(Frozen):
    """What model.json holds. `weights_sha256` is of weights.safetensors."""

    format: Literal[1] = 1
    skeleton: Skeleton
    individuals: tuple[str, ...] = Field(min_length=1)
    spec: TrainSpec
    split: SplitPaths
    metrics: dict[str, Any]
    labels_sha256: str
    weights_sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    tailbase_version: str
    created_at: datetime


def save_weights(folder: Path, state: dict[str, Tensor]) -> str:
    """Write the weights and give their SHA-256."""
    with replacing(folder / WEIGHTS) as part:
        save_file({key: value.detach().cpu().contiguous() for key, value in state.items()}, part)
    return sha256(folder / WEIGHTS)


def save_facts(folder: Path, facts: ModelFacts) -> None:
    write_text(folder / FACTS, facts.model_dump_json(indent=1))


def load_model(folder: Path) -> tuple[Tracker, ModelFacts]:
    """The network, ready to predict, and what is known about it.

    Errors:
        model.not_a_model: the folder lacks a file, or one is damaged or does not belong to the other.
    """
    try:
        facts = ModelFacts.model_validate_json((folder / FACTS).read_bytes())
        if sha256(folder / WEIGHTS) != facts.weights_sha256:
            raise _unusable(folder, f"{WEIGHTS} is not the file that {FACTS} was written for")
        tracker = new_tracker(facts.spec, facts.skeleton)
        tracker.load_state_dict(load_file(folder / WEIGHTS))
    except FileNotFoundError as error:
        raise _unusable(folder, f"it has no {Path(error.filename).name}") from error
    except ValidationError as error:
        raise _unusable(folder, f"{FACTS} is not one of this version ({error.error_count()} fields)") from error
    except (SafetensorError, RuntimeError) as error:
        raise _unusable(folder, f"{WEIGHTS} is damaged or of another network") from error
    return tracker.eval(), facts


def _unusable(folder: Path, why: str) -> PoseError:
    return PoseError("model.not_a_model", f"{folder.name} is not a usable model: {why}. Train or download it again.")


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
