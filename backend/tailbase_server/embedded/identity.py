"""Postgres refuses to run as root or as a user without a name. These command prefixes run it as somebody else."""

import os
import pwd
import subprocess
from pathlib import Path

from tailbase_core.errors import Unavailable

# `initdb` wants a user that is known by name, and every system knows nobody.
NOBODY = "65534"

# The first needs no right beyond making a user namespace, and files stay root's. Plain containers forbid that; there
# the server gets a user id of its own, and the one capability that lets it pass root's private folders unchanged.
NAMESPACE = ["unshare", "--user", f"--map-user={NOBODY}", "--"]
OTHER_USER = [
    "setpriv",
    f"--reuid={NOBODY}",
    f"--regid={NOBODY}",
    "--clear-groups",
    "--inh-caps=-all,+dac_override",
    "--ambient-caps=-all,+dac_override",
    "--",
]
_PROBE = '"$0" -V && test -x "$1"'


def prefix(program: Path, folder: Path) -> list[str]:
    """What to put before `program` so that it runs as a named user who is not root and still reaches `folder`."""
    root = os.geteuid() == 0
    if not root and _has_a_name():
        return []
    for candidate in (NAMESPACE, OTHER_USER) if root else (NAMESPACE,):
        if _works([*candidate, "sh", "-c", _PROBE, str(program), str(folder)]):
            return candidate
    raise Unavailable(
        f"Postgres does not run as {'root' if root else 'a user without a name'}, and this machine allows neither a "
        "user namespace nor another user. Start Tailbase as an ordinary user, or set TAILBASE_DATABASE_URL to a "
        "Postgres that runs elsewhere."
    )


def give(folder: Path, chosen: list[str]) -> None:
    """Make `folder` and what is in it belong to the user `chosen` runs as; nothing outside it is touched."""
    if os.geteuid() != 0:
        return
    owner = int(NOBODY) if chosen == OTHER_USER else 0
    if folder.stat().st_uid == owner:
        return
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            os.chown(os.path.join(parent, name), owner, owner, follow_symlinks=False)
    os.chown(folder, owner, owner)


def _works(command: list[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, timeout=20, check=False).returncode == 0
    except FileNotFoundError:
        return False


def _has_a_name() -> bool:
    """Containers are often started under a number that /etc/passwd does not know."""
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        return False
    return True
