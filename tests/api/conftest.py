"""The app as clients meet it, and people with projects to meet it as."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pytest
import structlog
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy.orm import Session, sessionmaker

from tailbase_api.main import create_app
from tailbase_core.security import TOKEN_PREFIX, hash_password, new_token, token_hash
from tailbase_core.settings import Settings
from tailbase_core.tables import ApiToken, Frame, Individual, Keypoint, Membership, Project, Recording, User, Video

# The default draws every local variable of a crash, which may take minutes.
structlog.configure(
    processors=[structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)]
)

PASSWORD = "correct horse battery"
PASSWORD_HASH = hash_password(PASSWORD)


@pytest.fixture(scope="session")
def _built() -> FastAPI:
    """Building the routes takes most of a test's time, and they are the same for all."""
    return create_app(Settings())


@pytest.fixture
def app(_built: FastAPI, settings: Settings) -> FastAPI:
    """The app with the test's own settings. Who adds a route builds an app of their own."""
    _built.state.settings = settings
    return _built


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """The running app; whoever asks without a token is nobody it knows."""
    with TestClient(app, base_url="http://127.0.0.1:8420", follow_redirects=False) as running:
        yield running


@pytest.fixture
def address(settings: Settings) -> Iterator[str]:
    """The app behind a real server, for what needs real connections."""
    app = create_app(settings)
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        threading.Event().wait(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


@dataclass(frozen=True)
class Person:
    """Somebody with an API token, or nobody without one; `get("/projects")` and so on act in their name.

    The password of all is `PASSWORD`.
    """

    id: UUID
    email: str
    token: str
    client: TestClient

    def request(self, method: str, path: str, **options: Any) -> Response:
        # The client is shared: what one person's reply set as a cookie must not sign in the next.
        self.client.cookies.clear()
        own = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        url = path if path.startswith("/api/") else f"/api/v1{path}"
        return self.client.request(method, url, headers=own | options.pop("headers", {}), **options)

    def get(self, path: str, **options: Any) -> Response:
        return self.request("GET", path, **options)

    def post(self, path: str, json: Any = None, **options: Any) -> Response:
        return self.request("POST", path, json={} if json is None else json, **options)

    def patch(self, path: str, json: Any, **options: Any) -> Response:
        return self.request("PATCH", path, json=json, **options)

    def put(self, path: str, json: Any, **options: Any) -> Response:
        return self.request("PUT", path, json=json, **options)

    def delete(self, path: str, **options: Any) -> Response:
        return self.request("DELETE", path, **options)


@dataclass(frozen=True)
class Place:
    """A project's own ids; `path` is where its routes begin."""

    id: UUID
    individual: UUID
    recording: UUID
    keypoints: dict[str, UUID] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return f"/projects/{self.id}"


@dataclass(frozen=True)
class World:
    """Makes rows directly, so that each test begins where its subject begins."""

    sessions: sessionmaker[Session]
    client: TestClient

    def person(self, *, admin: bool = False) -> Person:
        email = f"{uuid4().hex}@lab.example"
        user = User(id=uuid4(), email=email, name="Ada", password_hash=PASSWORD_HASH, is_admin=admin)
        token = new_token(TOKEN_PREFIX)
        row = ApiToken(user_id=user.id, name="test", prefix=token[:8], token_hash=token_hash(token), expires_at=None)
        self.add(user)
        self.add(row)
        return Person(user.id, user.email, token, self.client)

    def project(self, owner: Person, keypoints: tuple[str, ...] = ("nose", "tail")) -> Place:
        project = Project(id=uuid4(), name="Reaching", created_by=owner.id)
        animal = Individual(id=uuid4(), project_id=project.id, recording_id=None, name="animal")
        recording = Recording(id=uuid4(), project_id=project.id, name="monday")
        points = [
            Keypoint(id=uuid4(), project_id=project.id, name=name, color="#4477aa", position=position)
            for position, name in enumerate(keypoints)
        ]
        self.add(project)
        self.add(Membership(project_id=project.id, user_id=owner.id, role="owner"), animal, recording, *points)
        return Place(project.id, animal.id, recording.id, {point.name: point.id for point in points})

    def member(self, place: Place, role: str) -> Person:
        person = self.person()
        self.add(Membership(project_id=place.id, user_id=person.id, role=role))
        return person

    def video(self, place: Place, name: str = "reach.mp4", **values: Any) -> UUID:
        usual = {
            "id": uuid4(),
            "state": "ready",
            "frame_count": 100,
            "width": 640,
            "height": 480,
            "fps_num": 30,
            "fps_den": 1,
        }
        video = Video(project_id=place.id, recording_id=place.recording, name=name, **(usual | values))
        self.add(video)
        return video.id

    def frame(self, place: Place, **values: Any) -> UUID:
        usual = {
            "id": uuid4(),
            "state": "todo",
            "origin": "manual",
            "width": 640,
            "height": 480,
            "recording_id": place.recording,
        }
        frame = Frame(project_id=place.id, **(usual | values))
        self.add(frame)
        return frame.id

    def add(self, *rows: Any) -> None:
        with self.sessions.begin() as session:
            session.add_all(rows)


@pytest.fixture
def world(client: TestClient, sessions: sessionmaker[Session]) -> World:
    return World(sessions, client)


@pytest.fixture
def nobody(client: TestClient) -> Person:
    return Person(UUID(int=0), "", "", client)


@pytest.fixture
def owner(world: World) -> Person:
    return world.person()


@pytest.fixture
def place(world: World, owner: Person) -> Place:
    """A project of `owner`."""
    return world.project(owner)


@pytest.fixture
def stranger(world: World) -> Person:
    """Has a project of their own, but no part in anybody else's."""
    person = world.person()
    world.project(person)
    return person


@pytest.fixture
def refused() -> Callable[[Response, int, str], dict[str, Any]]:
    """Checks that a reply is a problem of this status and code, and returns it."""

    def check(reply: Response, status: int, code: str) -> dict[str, Any]:
        assert reply.status_code == status, reply.text
        assert reply.headers["content-type"] == "application/problem+json"
        problem: dict[str, Any] = reply.json()
        assert (problem["code"], problem["status"]) == (code, status), problem
        assert problem["request_id"] == reply.headers["x-request-id"]
        assert problem["detail"]
        return problem

    return check
