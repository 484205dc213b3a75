"""Starts everything on one machine: embedded Postgres and Redis, API and worker."""
