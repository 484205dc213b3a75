"""Every error a client can meet: a status, a stable code and a sentence that says what to do."""

from typing import Any


class TailbaseError(Exception):
    """Base of all errors that become a problem+json reply; `extra` is merged into it."""

    status: int = 500
    code: str = "internal"
    title: str = "Something went wrong"

    def __init__(self, detail: str, *, field: str | None = None, **extra: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field
        self.extra = extra


class Invalid(TailbaseError):
    """The request is understood and wrong. Give `code` the noun and what is wrong with it."""

    status, code, title = 422, "invalid", "The request is not valid"

    def __init__(self, code: str, detail: str, *, field: str | None = None, **extra: Any) -> None:
        super().__init__(detail, field=field, **extra)
        self.code = code


class NotSignedIn(TailbaseError):
    status, code, title = 401, "auth.required", "Sign in first"


class Forbidden(TailbaseError):
    status, code, title = 403, "auth.forbidden", "Your role does not allow this"


class NotFound(TailbaseError):
    """Also the answer for what belongs to others: that it exists is not told."""

    status, code, title = 404, "not_found", "Not found"

    def __init__(self, noun: str) -> None:
        super().__init__(f"There is no such {noun}, or you may not see it.")


class Conflict(TailbaseError):
    status, code, title = 409, "conflict", "This does not fit the present state"

    def __init__(self, code: str, detail: str, **extra: Any) -> None:
        super().__init__(detail, **extra)
        self.code = code


class PreconditionRequired(TailbaseError):
    status, code, title = 428, "precondition.required", "Say which version you changed"


class Stale(TailbaseError):
    status, code, title = 412, "labels.stale", "Someone saved this frame first"


class TooLarge(TailbaseError):
    status, code, title = 413, "too_large", "Too large"


class UnsupportedMedia(TailbaseError):
    status, code, title = 415, "media_type.unsupported", "Unsupported media type"


class TooManyRequests(TailbaseError):
    status, code, title = 429, "rate.limited", "Too many requests"


class Unavailable(TailbaseError):
    """A server we need does not answer; the client may try again."""

    status, code, title = 503, "unavailable", "A part of Tailbase does not answer"


class LeaseLost(TailbaseError):
    """The job was given to another worker; whatever this one made is not published."""

    status, code, title = 409, "job.lease_lost", "The job belongs to another worker"
