"""What the first bytes of a file say, before any demuxer sees them."""

from pathlib import Path

from tailbase.errors import PoseError

_PLAYLIST_MARKS = (b"#extm3u", b"ffconcat", b"<mpd", b"[playlist]", b"<smil", b"<asx", b"[reference]", b"<smoothstream")
_MP4_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")
_EBML = b"\x1a\x45\xdf\xa3"
_SEGMENT = b"\x18\x53\x80\x67"


def read_head(path: Path) -> bytes:
    """The first 4096 bytes of a file that may be a video.

    Raises:
        PoseError: video.not_found, video.empty, video.playlist.
    """
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError as error:
        raise PoseError("video.not_found", f"{path.name} cannot be opened: {error.strerror}.") from error
    if not head:
        raise PoseError("video.empty", f"{path.name} has no content (0 bytes). Copy it again from the camera.")
    text = head.lower()
    if any(mark in text for mark in _PLAYLIST_MARKS):
        raise PoseError(
            "video.playlist", f"{path.name} is a list of other files, not a video. Give the video files that it names."
        )
    return head


def looks_like_video(head: bytes) -> bool:
    """True where the file begins as MP4, MOV, MKV or WebM files do."""
    return head[4:8] in _MP4_BOXES or head.startswith(_EBML)


def claimed_size(head: bytes) -> int:
    """The least number of bytes that an AVI, MKV or WebM file says it has; 0 where it does not say."""
    if head[:4] == b"RIFF":
        return 8 + int.from_bytes(head[4:8], "little")
    if head.startswith(_EBML):
        head += bytes(16)
        header, start = _ebml_size(head, 4)
        segment = start + header
        if head[segment : segment + 4] == _SEGMENT:
            size, content = _ebml_size(head, segment + 4)
            return content + size
    return 0


def _ebml_size(head: bytes, at: int) -> tuple[int, int]:
    """An element's size (0 where it is left open, as live recordings do) and where its content starts."""
    length = 9 - head[at].bit_length()
    value = int.from_bytes(head[at : at + length], "big") & ((1 << 7 * length) - 1)
    unknown = value == (1 << 7 * length) - 1
    return (0 if unknown else value), at + length
