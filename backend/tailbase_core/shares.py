"""Random shares that stay as they are: a thing lies in one or not, whoever asks and whenever."""

from hashlib import sha256
from uuid import UUID

HELD_OUT_SHARE = 0.2
"""Of the labelled frames, set aside by every round of pre-labels, so that rounds are measured alike."""


def in_share(frame_id: UUID, share: float) -> bool:
    """Whether a frame belongs to that share of all; a larger share holds every frame of a smaller one."""
    return int.from_bytes(sha256(frame_id.bytes).digest()[:8]) < share * 2**64
