"""The application, put together from its features."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
from fastapi import FastAPI

from tailbase_api import pages, problems
from tailbase_api.accounts.routes import router as accounts
from tailbase_api.blobs.routes import router as blobs
from tailbase_api.diagnostics.routes import router as diagnostics
from tailbase_api.effort.routes import router as effort
from tailbase_api.ensembles.routes import router as ensembles
from tailbase_api.events.hub import Hub
from tailbase_api.events.routes import router as events
from tailbase_api.exports.routes import router as exports
from tailbase_api.frames.routes import router as frames
from tailbase_api.gate import Gate
from tailbase_api.headers import security_headers
from tailbase_api.imports.routes import router as imports
from tailbase_api.jobs.routes import router as jobs
from tailbase_api.labels.routes import router as labels
from tailbase_api.models.routes import router as models
from tailbase_api.operation.routes import router as operation
from tailbase_api.predictions.routes import router as predictions
from tailbase_api.prelabels.routes import router as prelabels
from tailbase_api.projects.routes import router as projects
from tailbase_api.recordings.routes import router as recordings
from tailbase_api.review.routes import router as review
from tailbase_api.roots.routes import router as roots
from tailbase_api.services import make_services
from tailbase_api.telemetry import Metrics, Telemetry
from tailbase_api.trash.routes import router as trash
from tailbase_api.uploads.routes import router as uploads
from tailbase_api.videos.routes import router as videos
from tailbase_api.workers.routes import router as workers
from tailbase_core.settings import Settings

FEATURES = (
    operation,
    accounts,
    projects,
    recordings,
    videos,
    uploads,
    blobs,
    roots,
    trash,
    frames,
    labels,
    prelabels,
    review,
    effort,
    models,
    predictions,
    diagnostics,
    ensembles,
    jobs,
    events,
    imports,
    exports,
    workers,
)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    # A thread for each database connection: more would only wait for one.
    anyio.to_thread.current_default_thread_limiter().total_tokens = settings.database_pool
    app.state.services = make_services(settings)
    app.state.hub = Hub(settings.redis_url.get_secret_value())
    try:
        yield
    finally:
        app.state.hub.close()
        app.state.services.close()


def create_app(settings: Settings) -> FastAPI:
    """The app; nothing is connected before it starts, so that its OpenAPI document can be made without servers."""
    app = FastAPI(
        title="Tailbase",
        version="1",
        description="From videos of animals to poses: label, train, predict and look.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        lifespan=_lifespan,
        generate_unique_id_function=lambda route: route.name,
        redirect_slashes=False,
    )
    app.state.settings = settings
    app.state.metrics = Metrics()
    problems.install(app)
    app.add_middleware(Gate, settings=settings)
    app.add_middleware(Telemetry, metrics=app.state.metrics, headers=security_headers(settings))
    for router in FEATURES:
        app.include_router(router)
    pages.install(app)
    problems.describe(app)
    return app
