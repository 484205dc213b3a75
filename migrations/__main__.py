"""Brings the database of TAILBASE_DATABASE_URL up to date: the migration step of a deployment."""

import sys

from tailbase_migrations import upgrade

from tailbase_core.database import make_engine
from tailbase_core.settings import settings

upgrade(make_engine(settings(), pool_size=1))
sys.stdout.write("The database is up to date.\n")
