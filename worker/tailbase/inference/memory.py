"""How this process takes memory from the system while it predicts."""

import ctypes
import platform

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_KEPT_BYTES = 512 * 2**20
_LARGEST_BYTES = 32 * 2**20


def keep_freed_memory() -> bool:
    """Let the C library keep the memory of a batch for the next one, up to half a gigabyte.

    Left alone, it hands buffers of a few megabytes back to the system each time, which clears every page of them anew:
    half of the time that decoding maps takes. False where the C library is not GNU's, which others need not do.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    library = ctypes.CDLL(None)
    return bool(library.mallopt(_MMAP_THRESHOLD, _LARGEST_BYTES)) and bool(
        library.mallopt(_TRIM_THRESHOLD, _KEPT_BYTES)
    )
