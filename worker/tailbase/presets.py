"""Settings that suit most projects: `fast` for a first look, `standard` for work.

The numbers of steps are for two CPU cores: `fast` takes four minutes or so there, `standard` about twenty.
"""

from tailbase.schema import AugmentSpec, TrainSpec

BATCH = 8
_FAST_STEPS, _STANDARD_STEPS = 2400, 2000
_MOST_EPOCHS = 5000
_STEPS_BETWEEN_VALIDATIONS = 50
# Not mirrored: what tells left from right, say ink on a paw, would then be taught the wrong way round half the time.
_AUGMENT = AugmentSpec(brightness=0.5, contrast=0.5, color=0.4, blur_probability=0.3, noise=0.05, scale=0.25)
_LARGE_PX, _VERY_LARGE_PX = 400, 1000
_MANY_LABELS = 500


def fast(images: int, longest_side: int = 640, device: str = "auto") -> TrainSpec:
    """The compact network from random weights, at 160 x 160 pixels, or 192 where the images are larger.

    Args:
        images: how many are labelled.
        longest_side: of an image, pixels.
        device: `cpu`, `cuda` or `auto`.
    """
    side = 160 if longest_side <= _LARGE_PX else 192
    return _spec(images, _FAST_STEPS).model_copy(
        update={
            "backbone": "compact", "weights": "none", "image_height": side, "image_width": side,
            "head_width": 48, "backbone_rate": 1.0, "averaging": 0.98, "device": device,
            "augment": _AUGMENT,
        }
    )  # fmt: skip


def standard(images: int, longest_side: int = 640, device: str = "auto") -> TrainSpec:
    """Pretrained weights at 256 x 256 pixels; MobileNetV2, or on a GPU ResNet-50.

    Large images with many labels are trained at 384 x 384 on a GPU.
    """
    on_gpu = device == "cuda"
    side = 384 if on_gpu and longest_side > _VERY_LARGE_PX and images > _MANY_LABELS else 256
    backbone = "resnet50" if on_gpu else "mobilenetv2_100"
    return _spec(images, _STANDARD_STEPS).model_copy(
        update={"backbone": backbone, "image_height": side, "image_width": side, "device": device}
    )


def _spec(images: int, steps: int) -> TrainSpec:
    """As many epochs as make about that many steps."""
    steps_an_epoch = max(1, round(0.9 * images) // BATCH)
    return TrainSpec(
        epochs=min(_MOST_EPOCHS, max(1, round(steps / steps_an_epoch))),
        batch_size=BATCH,
        learning_rate=3e-3,
        validate_every=max(1, round(_STEPS_BETWEEN_VALIDATIONS / steps_an_epoch)),
    )
