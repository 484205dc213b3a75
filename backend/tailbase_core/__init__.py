"""What API and worker share: tables, jobs, storage, settings. Knows neither FastAPI nor torch."""
