"""Live news for the page, as server-sent events."""

from typing import Annotated

from fastapi import Header, Request
from sse_starlette import EventSourceResponse

from tailbase_api.deps import CurrentUser, ServicesDep, credentials
from tailbase_api.events import service
from tailbase_api.events.hub import Hub
from tailbase_api.routing import feature_router
from tailbase_core.errors import NotSignedIn

router = feature_router("events")


@router.get("/events", response_class=EventSourceResponse)
async def stream_events(
    user: CurrentUser,
    request: Request,
    services: ServicesDep,
    last_event_id: Annotated[str | None, Header(max_length=100)] = None,
) -> EventSourceResponse:
    """Events with data {project_id, topic, id} of all projects of the person, resumed by Last-Event-ID."""
    hub: Hub = request.app.state.hub
    hub.check_room(user.id)
    given = credentials(request)
    if given is None:
        raise NotSignedIn("Sign in, or send a valid API token.")
    return EventSourceResponse(service.stream(services, hub, user.id, given, last_event_id), ping=15, send_timeout=30)
