"""Whatever several people do to one frame, nothing that was acknowledged disappears."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

KEYPOINTS = ("nose", "tail", "paw")


@dataclass
class Client:
    """Somebody with the version they last saw, and the saves that were acknowledged to them."""

    person: Any
    path: str
    version: int = 0
    acknowledged: dict[int, list[dict[str, Any]]] = field(default_factory=dict)

    def look(self) -> None:
        self.version = self.person.get(self.path).json()["version"]

    def save(self, changes: list[dict[str, Any]]) -> None:
        """Save onto the version last seen. When that is stale, take over the present one, as the page does."""
        reply = self.person.patch(self.path, {"changes": changes}, headers={"If-Match": f'"v{self.version}"'})
        if reply.status_code == 200:
            self.version = reply.json()["version"]
            self.acknowledged[self.version] = sorted(changes, key=str)
        else:
            assert reply.status_code == 412
            self.version = reply.json()["current"]["version"]


# (who, what): a number looks at the frame, a list of (keypoint, x) saves; x of None clears the point.
edits = st.lists(
    st.tuples(st.sampled_from(KEYPOINTS), st.none() | st.integers(0, 639)),
    min_size=1,
    max_size=3,
    unique_by=lambda edit: edit[0],
)
steps = st.lists(st.tuples(st.integers(0, 4), st.none() | edits), min_size=1, max_size=15)


def changes_of(place: Any, edit: list[tuple[str, int | None]]) -> list[dict[str, Any]]:
    return [
        {
            "individual_id": str(place.individual),
            "keypoint_id": str(place.keypoints[keypoint]),
            "x": x,
            "y": x,
            "state": None if x is None else "visible",
            "model_id": None,
        }
        for keypoint, x in edit
    ]


def replayed(history: list[dict[str, Any]]) -> dict[str, Any]:
    """The points after all saves of a history, the latest of which comes first."""
    points: dict[str, Any] = {}
    for entry in reversed(history):
        points |= {change["keypoint_id"]: change for change in entry["changes"]}
    return {key: change for key, change in points.items() if change["state"] is not None}


def check_nothing_was_lost(clients: list[Client]) -> None:
    person, path = clients[0].person, clients[0].path
    history = person.get(f"{path}/history?limit=200").json()["items"]
    acknowledged = {version: changes for client in clients for version, changes in client.acknowledged.items()}
    assert {entry["version"]: sorted(entry["changes"], key=str) for entry in history} == acknowledged
    assert [entry["version"] for entry in history] == list(range(len(history), 0, -1))
    final = person.get(path).json()
    assert final["version"] == len(history)
    assert {point["keypoint_id"]: point for point in final["points"]} == replayed(history)


@given(count=st.integers(2, 5), steps=steps)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_saves_in_any_order_of_clients_are_all_in_the_history_and_the_last_points_follow_from_it(
    world: Any, count: int, steps: list[tuple[int, list[tuple[str, int | None]] | None]]
) -> None:
    ada = world.person()
    place = world.project(ada, KEYPOINTS)
    path = f"{place.path}/frames/{world.frame(place)}/labels"
    clients = [Client(ada, path) for _ in range(count)]
    for who, edit in steps:
        client = clients[who % count]
        if edit is None:
            client.look()
        else:
            client.save(changes_of(place, edit))
    check_nothing_was_lost(clients)


def test_four_people_who_save_at_the_same_time_lose_nothing(world: Any) -> None:
    ada = world.person()
    place = world.project(ada, KEYPOINTS)
    path = f"{place.path}/frames/{world.frame(place)}/labels"
    clients = [Client(ada, path) for _ in range(4)]

    def work(number: int) -> None:
        for x in range(15):
            clients[number].save(changes_of(place, [(KEYPOINTS[number % 3], 100 * number + x)]))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert sum(len(client.acknowledged) for client in clients) >= 15
    check_nothing_was_lost(clients)
