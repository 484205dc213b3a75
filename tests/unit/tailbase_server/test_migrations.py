"""The migrations and the tables say the same."""

import subprocess
import sys

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect

from tailbase_core.settings import Settings, environment
from tailbase_core.tables import Table
from tailbase_migrations import alembic_config, upgrade


def test_the_migrated_database_has_exactly_the_tables_of_the_code(engine: Engine) -> None:
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Table.metadata) == []


def test_migrating_a_migrated_database_changes_nothing(engine: Engine) -> None:
    before = inspect(engine).get_table_names()
    upgrade(engine)
    assert inspect(engine).get_table_names() == before


def test_every_revision_can_be_taken_back_and_made_again(engine: Engine) -> None:
    with engine.connect() as connection:
        command.downgrade(alembic_config(connection), "base")
        connection.commit()
    assert inspect(engine).get_table_names() == ["alembic_version"]
    upgrade(engine)
    assert len(inspect(engine).get_table_names()) == len(Table.metadata.tables) + 1


def test_the_migration_step_of_a_deployment_says_when_it_is_done(settings: Settings) -> None:
    variables = environment(database_url=settings.database_url.get_secret_value())
    step = [sys.executable, "-m", "tailbase_migrations"]
    done = subprocess.run(step, env=variables, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.splitlines()[:1]) == (0, ["The database is up to date."]), done.stderr
