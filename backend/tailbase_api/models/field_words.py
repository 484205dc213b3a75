"""What each setting of a training is called, and what it does, for people who never trained a network."""

from collections.abc import Mapping
from dataclasses import dataclass, field

GROUPS: Mapping[str, str] = {
    "": "Network and training",
    "framing": "What the network sees of a frame",
    "losses": "Learning from unlabelled video",
    "split": "Which images test",
    "augment": "Random changes of training images",
}


@dataclass(frozen=True)
class Words:
    """`empty` says what leaving it empty means, and `choices` what each choice is called."""

    title: str
    help: str
    empty: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)


WORDS: Mapping[str, Words] = {
    "architecture": Words(
        "Architecture",
        "How points are found: in one frame by itself, or with its neighbours in time.",
        choices={
            "heatmap": "Heatmaps: one frame, for most projects",
            "context": "Context: also two frames before and after",
            "regression": "Regression: points without maps",
            "leap": "LEAP's own network, without ImageNet",
            "scoremap": "Score maps and offsets, as DeepLabCut's",
        },
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
    "map_loss": Words(
        "Map loss",
        "How predicted maps are compared with those of the labels. Their weights mean the same, so one may be tried "
        "for another.",
        choices={"kl": "Kullback-Leibler", "mse": "Mean square", "js": "Jensen-Shannon"},
    ),
    "framing.fit": Words(
        "Shape of the picture",
        "How a frame is brought to the image size above.",
        choices={"keep": "Keep it, between black borders", "stretch": "Stretch it to fill the image"},
    ),
    "framing.mode": Words(
        "Looking at",
        "Two passes serve animals that are small in a large frame: a coarse network finds the animal, and the one that "
        "finds its points looks at a box around it. They take about twice the time.",
        choices={"whole": "The whole frame, or its crop", "two_pass": "A box around the animal: two passes"},
    ),
    "framing.margin": Words(
        "Margin of the box", "Room on each side of that box, as a share of the animal's extent; two passes only."
    ),
    "framing.coarse_side": Words(
        "Coarse image (px)", "Longest side of what the coarse network sees, a multiple of 32; two passes only."
    ),
    "individuals": Words(
        "Labels of several animals",
        "Separate sets need animals that can be told apart by looks or place, as networks do not follow identities.",
        choices={"refuse": "Refuse them", "separate": "A set of keypoints for each animal"},
    ),
    "accumulate": Words("Parts of a batch", "A batch is computed in that many parts, which needs less memory."),
    "patience": Words("Patience", "Ends the training after so many validations without a better one.", "never early"),
    "freeze_backbone_epochs": Words("Fixed backbone at first", "The backbone begins to learn after so many epochs."),
    "validate_every": Words("Validate every", "Epochs between two looks at the validation images."),
    "seed": Words("Seed", "The same seed gives the same network. Members of an ensemble differ in it."),
    "losses.temporal": Words(
        "Smooth motion", "Weight of: points move little between frames. 0 switches it off, as every weight here."
    ),
    "losses.temporal_heatmap": Words(
        "Smooth maps", "Weight of: maps of consecutive frames are alike. For networks that make maps."
    ),
    "losses.temporal_heatmap_kind": Words(
        "Comparison of maps",
        "How maps of consecutive frames are compared.",
        choices={"mse": "Mean square", "kl": "Kullback-Leibler"},
    ),
    "losses.temporal_epsilon_px": Words(
        "Free motion (px)", "Steps up to this length cost nothing, in pixels of the image size above."
    ),
    "losses.pose_pca": Words(
        "Plausible poses",
        "Weight of: poses are combinations of the labelled ones. Needs about four labelled frames a keypoint.",
    ),
    "losses.pose_pca_keep": Words(
        "Variance of poses kept", "Share of the labelled poses' variance that is free; more lets rarer poses pass."
    ),
    "losses.multiview_pca": Words(
        "Views agree",
        "Weight of: views of a part show one point in space. Needs a skeleton that names parts and their mirror views.",
    ),
    "losses.reprojection": Words(
        "Cameras agree", "Weight of: calibrated cameras see one point in space. Needs a network of several cameras."
    ),
    "losses.pairwise": Words(
        "Pairs of cameras agree",
        "Weight of: each two calibrated cameras see one point. Needs a network of several cameras.",
    ),
    "losses.unimodal": Words("One peak a map", "Weight of: a map has a single peak. For networks that make maps."),
    "losses.least_likelihood": Words("Least likelihood", "Points below it are not learnt from."),
    "losses.clip_length": Words("Frames in a clip", "Consecutive frames that are looked at together."),
    "losses.clips": Words("Clips in a step", "Clips that are learnt from at once."),
    "losses.ramp_start": Words("Begin at", "Share of the training after which these losses begin to count."),
    "losses.ramp_end": Words("In full from", "Share of the training after which they count in full."),
    "split.method": Words(
        "Keep apart",
        "Frames of one recording look alike: a test on recordings the network knows would be too good.",
        choices={"recording": "Whole recordings", "random": "Random frames", "explicit": "The images named below"},
    ),
    "split.field": Words(
        "Field to keep apart by", "Recordings with the same animal, rig or other field stay together.", "each by itself"
    ),
    "split.validation": Words("Share for validation", "Images that choose the best epoch."),
    "split.test": Words("Share for the test", "Images the training never looks at."),
    "split.seed": Words(
        "Seed of the split", "Other seeds keep other recordings back; train five to see how much it varies."
    ),
    "split.validation_images": Words("Validation images", "Paths of images, where images are named.", "none"),
    "split.test_images": Words("Test images", "Paths of images, where images are named.", "none"),
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
