"""The server and token that `tailbase remote login` keeps, readable by its owner only."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from tailbase_client.errors import TailbaseApiError


@dataclass(frozen=True)
class Saved:
    url: str
    token: str

    def token_for(self, url: str) -> str:
        """The token, which no other server gets to see."""
        if url.rstrip("/") != self.url:
            raise TailbaseApiError(401, "auth.required", f"You are not signed in to {url}. Run: tailbase remote login")
        return self.token


def place() -> Path:
    return Path.home() / ".config" / "tailbase" / "remote.json"


def load() -> Saved:
    try:
        return Saved(**json.loads(place().read_text()))
    except (OSError, ValueError, TypeError) as error:
        raise TailbaseApiError(401, "auth.required", "You are not signed in. Run: tailbase remote login URL") from error


def save(url: str, token: str) -> Path:
    path = place()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(asdict(Saved(url.rstrip("/"), token)), file)
    fresh.replace(path)
    return path


def forget() -> None:
    place().unlink(missing_ok=True)
