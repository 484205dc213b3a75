"""The database's history. Installed as the package `tailbase_migrations`; `python -m tailbase_migrations` upgrades."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, text

# Any number, the same in all processes: two that start together must not both migrate.
_LOCK = 7_305_871


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database to `revision`; a second process that asks at the same time waits for the first."""
    with engine.connect() as connection:
        connection.execute(text("select pg_advisory_lock(:key)"), {"key": _LOCK})
        connection.commit()
        try:
            command.upgrade(alembic_config(connection), revision)
            connection.commit()
        finally:
            connection.rollback()
            connection.execute(text("select pg_advisory_unlock(:key)"), {"key": _LOCK})


def alembic_config(connection: Connection) -> Config:
    """What Alembic's commands need, with no ini file: our scripts and a connection."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.attributes["connection"] = connection
    return config
