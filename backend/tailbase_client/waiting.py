"""Looking again and again, ever less often, until something has happened."""

import time
from collections.abc import Callable

from tailbase_client.errors import Json

_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 2.0


def look_until(look: Callable[[], Json], enough: Callable[[Json], bool], timeout: float | None) -> Json:
    """What `look` gives once it is `enough`; TimeoutError after `timeout` seconds (None: never)."""
    deadline = None if timeout is None else time.monotonic() + timeout
    pause = _FIRST_PAUSE
    while not enough(seen := look()):
        if deadline is not None and time.monotonic() >= deadline:
            raise TimeoutError(f"still {seen.get('state')} after {timeout:g} seconds")
        time.sleep(pause)
        pause = min(pause * 1.5, _LONGEST_PAUSE)
    return seen
