"""A trained network on disk: `weights.safetensors` and `model.json`."""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, ValidationError, model_validator
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from tailbase.errors import PoseError
from tailbase.formats.atomic import replacing, write_text
from tailbase.framing.individuals import sets_of
from tailbase.networks.architectures import new_tracker
from tailbase.networks.tracker import Tracker
from tailbase.schema import Frozen, Skeleton, TrainSpec

WEIGHTS, FACTS = "weights.safetensors", "model.json"


class SplitPaths(Frozen):
    """Paths of the labelled images, by use."""

    train: tuple[str, ...] = ()
    validation: tuple[str, ...] = ()
    test: tuple[str, ...] = ()


class Coarse(Frozen):
    """The network that finds the animals for one that looks at boxes around them; its weights lie beside the other's.

    Attributes:
        sizes: width and height of each individual's box, pixels.
    """

    spec: TrainSpec
    sizes: tuple[tuple[int, int], ...] = Field(min_length=1)


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
    coarse: Coarse | None = None

    @model_validator(mode="before")
    @classmethod
    def _stretched_before(cls, values: Any) -> Any:
        """Models that do not say how images were brought to their input's size had them stretched."""
        spec = values.get("spec") if isinstance(values, dict) else None
        if isinstance(spec, dict) and "framing" not in spec:
            return values | {"spec": spec | {"framing": {"fit": "stretch"}}}
        return values


def network_of(facts: ModelFacts) -> Tracker:
    """The model's network with random weights, and as its `coarse` the one that finds the animals for it."""
    count = len(facts.individuals)
    if facts.coarse is None:
        return new_tracker(facts.spec, sets_of(facts.skeleton, count))
    tracker = new_tracker(facts.spec, facts.skeleton)
    tracker.coarse = new_tracker(facts.coarse.spec, sets_of(facts.skeleton, count))
    return tracker


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
        tracker = network_of(facts)
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
