"""Brings the database of TAILBASE_DATABASE_URL up to date: the migration step of a deployment.

While nobody has an account it also prints the link that makes the owner's, as `tailbase up` does on one machine.
"""

import sys

from tailbase_core.database import make_engine, make_sessions, transaction
from tailbase_core.links import link_url, make_first_link
from tailbase_core.settings import settings
from tailbase_migrations import upgrade

engine = make_engine(settings(), pool_size=1)
upgrade(engine)
sys.stdout.write("The database is up to date.\n")
with transaction(make_sessions(engine)) as session:
    token = make_first_link(session)
if token is not None:
    sys.stdout.write(f"Nobody has an account yet. Make the owner's: {link_url(settings().public_url, token)}\n")
