"""Health, version and the numbers Prometheus collects."""

from importlib.metadata import version

from fastapi import Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from tailbase_api.deps import AdminUser, ServicesDep
from tailbase_api.operation import service
from tailbase_api.operation.schemas import Health, Version
from tailbase_api.routing import feature_router

router = feature_router("operation")

VERSION = version("tailbase")


@router.get("/health", responses={503: {"model": Health, "description": "A part does not answer"}})
def get_health(services: ServicesDep, response: Response) -> Health:
    health = service.health(services)
    response.status_code = 200 if health.status == "ok" else 503
    return health


@router.get("/version")
def get_version() -> Version:
    return Version(version=VERSION)


@router.get("/metrics", include_in_schema=False)
def get_metrics(_: AdminUser, request: Request) -> Response:
    return Response(generate_latest(request.app.state.metrics.registry), media_type=CONTENT_TYPE_LATEST)
