"""Runs the revisions on the connection that `tailbase_migrations.upgrade` hands over."""

from alembic import context
from sqlalchemy import Connection

from tailbase_core.tables import Table

connection: Connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Table.metadata, compare_server_default=False)
with context.begin_transaction():
    context.run_migrations()
