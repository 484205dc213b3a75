"""What each setting of a training is called, and what it does, for people who never trained a network."""

from collections.abc import Mapping
from dataclasses import dataclass

GROUPS: Mapping[str, str] = {
    "": "Network and training",
    "losses": "Learning from unlabelled video",
    "split": "Which images test",
    "augment": "Random changes of training images",
}


@dataclass(frozen=True)
class Words:
    """`empty` says what leaving it empty means."""

    title: str
    help: str
    empty: str = ""


WORDS: Mapping[str, Words] = {
    "architecture": Words(
        "Architecture", "How points are found: in one frame by itself, or with its neighbours in time."
    ),
    "backbone": Words("Backbone", "The network that looks at the image. Larger ones are more exact and slower."),
    "weights": Words(
        "Weights to begin with", "What the backbone knows to begin with: imagenet, none, or a file on the server."
    ),
    "weights_sha256": Words("Checksum of the weights", "Refuses a weights file that is not exactly this one.", "any"),
    "image_height": Words("Image height (px)", "Frames are brought to this height; a multiple of 32."),
    "image_width": Words("Image width (px)", "Frames are brought to this width; a multiple of 32."),
    "downsample_factor": Words(
        "Map coarseness", "How often maps are halved: at 2 they are 4 times smaller than the image."
    ),
    "epochs": Words("Epochs", "How often every labelled image is seen."),
    "batch_size": Words("Images in a batch", "Images that are learnt from at once. Less needs less memory."),
    "learning_rate": Words("Learning rate", "How far each step goes. Lower it where the loss jumps."),
    "backbone_rate": Words("Backbone's share of it", "The backbone learns this much more slowly than the rest."),
    "weight_decay": Words("Weight decay", "Pulls weights towards zero, against learning by heart."),
    "averaging": Words("Averaging of weights", "Keeps a moving average of the network; 0 keeps the last one."),
    "head_width": Words("Width of the head", "Channels of the part that makes the maps."),
    "device": Words("Device", "auto takes the worker's own."),
    "precision": Words("Number format", "auto computes in half precision where the device does so well."),
    "map_loss": Words("Map loss", "How predicted maps are compared with those of the labels."),
    "accumulate": Words("Parts of a batch", "A batch is computed in that many parts, which needs less memory."),
    "patience": Words("Patience", "Ends the training after so many validations without a better one.", "never early"),
    "freeze_backbone_epochs": Words("Fixed backbone at first", "The backbone begins to learn after so many epochs."),
    "validate_every": Words("Validate every", "Epochs between two looks at the validation images."),
    "seed": Words("Seed", "The same seed gives the same network. Members of an ensemble differ in it."),
    "losses.temporal": Words("Smooth motion", "Weight of: points move little between frames."),
    "losses.temporal_heatmap": Words("Smooth maps", "Weight of: maps of consecutive frames are alike."),
    "losses.temporal_heatmap_kind": Words("Comparison of maps", "How maps of consecutive frames are compared."),
    "losses.temporal_epsilon_px": Words("Free motion (px)", "Steps up to this length cost nothing, in input pixels."),
    "losses.pose_pca": Words("Plausible poses", "Weight of: poses are combinations of the labelled ones."),
    "losses.pose_pca_keep": Words("Variance of poses kept", "Share of the labelled poses' variance that is free."),
    "losses.multiview_pca": Words("Views agree", "Weight of: views of a part show one point in space."),
    "losses.reprojection": Words("Cameras agree", "Weight of: calibrated cameras see one point in space."),
    "losses.pairwise": Words("Pairs of cameras agree", "Weight of: each two calibrated cameras see one point."),
    "losses.unimodal": Words("One peak a map", "Weight of: a map has a single peak."),
    "losses.least_likelihood": Words("Least likelihood", "Points below it are not learnt from."),
    "losses.clip_length": Words("Frames in a clip", "Consecutive frames that are looked at together."),
    "losses.clips": Words("Clips in a step", "Clips that are learnt from at once."),
    "losses.ramp_start": Words("Begin at", "Share of the training after which these losses begin to count."),
    "losses.ramp_end": Words("In full from", "Share of the training after which they count in full."),
    "split.method": Words("Keep apart", "recording keeps whole recordings back, so that the test is honest."),
    "split.field": Words(
        "Field to keep apart by", "Recordings with the same animal, rig or other field stay together.", "each by itself"
    ),
    "split.validation": Words("Share for validation", "Images that choose the best epoch."),
    "split.test": Words("Share for the test", "Images the training never looks at."),
    "split.seed": Words(
        "Seed of the split", "Other seeds keep other recordings back; train five to see how much it varies."
    ),
    "split.validation_images": Words("Validation images", "Paths of images, for explicit only.", "none"),
    "split.test_images": Words("Test images", "Paths of images, for explicit only.", "none"),
    "augment.rotation_degrees": Words("Rotation (degrees)", "Images are turned by up to this.", "from the labels"),
    "augment.scale": Words("Scale", "Images grow and shrink by up to this share."),
    "augment.translation": Words("Shift", "Images are shifted by up to this share of their size."),
    "augment.horizontal_flip": Words("Mirror images", "Only where the skeleton names left and right partners."),
    "augment.brightness": Words("Brightness", "By up to this share."),
    "augment.contrast": Words("Contrast", "By up to this share."),
    "augment.color": Words("Colour", "By up to this share."),
    "augment.blur_probability": Words("Blurred images", "Share of images that are blurred."),
    "augment.noise": Words("Noise", "Strength of random noise."),
    "augment.erase_probability": Words("Covered patches", "Share of images with a patch covered, as by an obstacle."),
}
