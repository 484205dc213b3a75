"""Python client of Tailbase's REST API, for scripts and notebooks. Needs httpx and nothing else of Tailbase."""

from tailbase_client.client import Tailbase
from tailbase_client.errors import JobEnded, TailbaseApiError
from tailbase_client.project import Project

__all__ = ["JobEnded", "Project", "Tailbase", "TailbaseApiError"]
