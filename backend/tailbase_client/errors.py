"""What can go wrong, in the server's own words."""

from typing import Any

import httpx

Json = dict[str, Any]


class TailbaseApiError(Exception):
    """The server refused, or could not be reached.

    Attributes:
        status: the HTTP status; 0 where no answer came.
        code: stable and machine-readable, e.g. ``labels.stale``.
        detail: a sentence that says what to do.
        problem: the whole reply, with what belongs to this code, e.g. ``current`` and ``changed_keys``.
    """

    def __init__(self, status: int, code: str, detail: str, problem: Json | None = None) -> None:
        super().__init__(f"{detail} [{code}]")
        self.status = status
        self.code = code
        self.detail = detail
        self.problem = problem or {}


class JobEnded(TailbaseApiError):
    """A job that was waited for failed or was cancelled; `job` is its last state."""

    def __init__(self, job: Json) -> None:
        code = job.get("error_code") or f"job.{job['state']}"
        super().__init__(200, code, job.get("error_detail") or f"The job {job['title']} was {job['state']}.", job)
        self.job = job


def error_of(reply: httpx.Response) -> TailbaseApiError:
    """The error a reply describes; whatever stands between us and the server may answer in words of its own."""
    try:
        problem = reply.json()
    except ValueError:
        problem = None
    if not isinstance(problem, dict):
        return TailbaseApiError(reply.status_code, "http", f"The server answered {reply.status_code}.")
    code, detail = problem.get("code", "http"), problem.get("detail", f"The server answered {reply.status_code}.")
    return TailbaseApiError(reply.status_code, str(code), str(detail), problem)


def unreachable(error: httpx.HTTPError) -> TailbaseApiError:
    return TailbaseApiError(0, "server.unreachable", f"The server does not answer ({type(error).__name__}).")
