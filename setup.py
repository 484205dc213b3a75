"""The list of packages, found rather than written down, so that it cannot go stale."""

from setuptools import find_packages, setup

MIGRATIONS = {"tailbase_migrations": "migrations", "tailbase_migrations.versions": "migrations/versions"}
ROOTS = {"backend": find_packages("backend"), "worker": find_packages("worker")}

setup(
    packages=[name for names in ROOTS.values() for name in names] + list(MIGRATIONS),
    package_dir=MIGRATIONS
    | {name: f"{root}/{name}" for root, names in ROOTS.items() for name in names if "." not in name},
)
