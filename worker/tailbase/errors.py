"""Errors a user can act on. Each has a stable code; the command line and the worker pass both on."""


class PoseError(Exception):
    """Something about the user's input is wrong; the message says what to do.

    Args:
        code: stable, dotted, machine-readable, e.g. ``video.not_a_video``.
        message: one or two sentences for a biologist.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
