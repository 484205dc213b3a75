"""The label page in Chromium against a server of its own: a person's cost of a frame, latencies, and memory.

    python tests/bench/labeller.py [person] [latency] [memory] [--shared ../shared] [--smoke]

person   mirror-mouse (17 points) at the pace of the keystroke-level model: from scratch, and accepting pre-labels that
         lie 1.5 px (standard deviation) from the labels, where 5% of the points are 20 px off. The labels play the
         person. Also 30 edits made without a network, in a tab that is killed then.
latency  10,000 frames (PNG of 396 x 406 pixels) with pre-labels of 40 keypoints in 4 animals, with and without 80 ms
         round trip and 10 Mbit/s: Enter to the next frame, a pointer's move or press to its paint, and until "Saved".
memory   500 frames of that queue, one after the other.

Prints one JSON line a figure. Timings need an idle machine; without a GPU Chromium paints in software, so what an empty
page takes for the same is told beside them.
"""

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from labeller_person import KEY_S, Person, proposals
from labeller_probe import FLOOR
from labeller_setting import Mouse, Proposed, Setting, mouse, setting
from numpy.typing import NDArray
from playwright.sync_api import CDPSession, Page

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("person", "latency", "memory")
SIZE = (396, 406)
KEYPOINTS, ANIMALS = 40, 4
ROUND_TRIP_MS, BITS = 80, 10_000_000
# Every picture of the frames that are looked at is another one; the others share theirs.
PICTURES = 640
BETWEEN_FRAMES_S = 0.7
WARM = 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", default=list(PARTS), help=", ".join(PARTS))
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--frames", type=int, default=60, help="frames of each part of latency")
    parser.add_argument("--smoke", action="store_true", help="few frames and no pauses, to try the bench itself")
    args = parser.parse_args()
    given = mouse(args.shared.resolve())
    with setting() as here:
        if "person" in args.parts:
            tell(person(here, given, args.smoke))
        if "latency" in args.parts or "memory" in args.parts:
            address = large_queue(here, given, 400 if args.smoke else 10_000)
            if "latency" in args.parts:
                tell(latency(here, address, 8 if args.smoke else args.frames))
            if "memory" in args.parts:
                tell(memory(here, address, 40 if args.smoke else 500))


def tell(figures: Iterator[dict[str, Any]]) -> None:
    for figure in figures:
        at = datetime.now(UTC).isoformat(timespec="seconds")
        print(json.dumps({**figure, "at": at}), flush=True)


def line(name: str, value: float, unit: str, compared_with: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "value": round(float(value), 4), "unit": unit, "compared_with": compared_with, **more}


def person(here: Setting, given: Mouse, smoke: bool) -> Iterator[dict[str, Any]]:
    """What a frame costs a person, and what is left of edits made without a network."""
    counts = {"scratch": 1, "accepting": 2, "right": 2} if smoke else {"scratch": 3, "accepting": 8, "right": 6}
    kinds = [kind for kind, count in counts.items() for _ in range(count)]
    complete = ~np.isnan(given.points).any(axis=(1, 2))
    # Right frames show every keypoint; the others are the first ones, as they come.
    images = [*np.flatnonzero(~complete), *np.flatnonzero(complete)][-len(given.images) :]
    chosen = [*range(len(kinds) - counts["right"]), *images[-counts["right"] - 10 :]]
    wanted = given.points[chosen]
    slightly, partly = (proposals(wanted, seed=0, wrong=wrong) for wrong in (0.0, 0.05))
    proposed = [{"scratch": None, "accepting": partly[n], "right": slightly[n]}[kind] for n, kind in enumerate(kinds)]
    proposed += list(slightly[len(kinds) :])
    project = here.project(given.keypoints)
    stored = [here.put_image(given.images[n]) for n in chosen]
    frames = [
        Proposed(keys, *SIZE, None if points is None else points[None])
        for keys, points in zip(stored, proposed, strict=True)
    ]
    ids = here.fill(project, frames)
    page = here.page()
    open_frame(here, page, project, ids[0])
    costs = [labelled(page, ids[n], wanted[n], proposed[n], 0.0 if smoke else 1.0) for n in range(len(kinds))]
    page.get_by_test_id("save-state").get_by_text("Saved", exact=True).wait_for()
    yield from costs_of_frames(np.array(kinds), np.array(costs))
    wrong = [misplaced(here, project, ids[n], wanted[n]) for n in range(len(kinds))]
    yield line(
        "label.points_misplaced", sum(wrong), "", "goal 0: points the server has elsewhere than the person meant"
    )
    yield edits_offline(here, page, project, ids[len(kinds) :])


def labelled(
    page: Page, frame: str, points: NDArray[np.float64], proposed: NDArray[np.float64] | None, pace: float
) -> tuple[float, int]:
    """Label the open frame; the seconds it took, and the key presses and clicks."""
    who = Person(page, SIZE, pace)
    began = time.monotonic()
    if proposed is None:
        who.from_scratch(points)
    else:
        who.accept(points, proposed)
    seconds = time.monotonic() - began
    wait_for_other(page, frame)
    return seconds, who.presses + who.clicks


def costs_of_frames(kinds: NDArray[np.str_], costs: NDArray[np.float64]) -> Iterator[dict[str, Any]]:
    """Means by kind of frame; the pace is the model's, so seconds tell how much of it the page adds or spares."""
    goals = {
        "scratch": ("from_scratch", "goal 45; 17 points and Enter are 18 presses"),
        "accepting": ("accepting", "goal 6; LEAP 6; 5% of the points are 20 px off, absent ones are answered for"),
        "right": ("per_right_frame", "goal 2 at most; one look and one key of the model are 1.6"),
    }
    for kind, (name, goal) in goals.items():
        seconds, presses = costs[kinds == kind].mean(axis=0)
        frames = int((kinds == kind).sum())
        yield line(f"label.seconds_{name}", seconds, "s/frame", goal, frames=frames)
        keys = "label.keys_per_right_frame" if kind == "right" else f"label.keys_{name}"
        yield line(keys, presses, "/frame", "goal 1" if kind == "right" else "key presses and clicks", frames=frames)


def misplaced(here: Setting, project: str, frame: str, points: NDArray[np.float64]) -> int:
    """Points of a frame that the server has elsewhere than the person meant: by more than they would have corrected."""
    order = [one["id"] for one in here.call("GET", f"/projects/{project}/skeleton")["keypoints"]]
    labels = here.call("GET", f"/projects/{project}/frames/{frame}/labels")["points"]
    found = {one["keypoint_id"]: (one["x"], one["y"]) for one in labels}
    wrong = 0
    for keypoint, (x, y) in zip(order, points, strict=True):
        place = found.get(keypoint)
        if np.isnan(x):
            wrong += place != (None, None)
        else:
            wrong += place is None or place[0] is None or np.hypot(place[0] - x, place[1] - y) > 5
    return wrong


def edits_offline(here: Setting, page: Page, project: str, frames: Sequence[str]) -> dict[str, Any]:
    """30 edits without a network in a tab that is killed: how many the server lacks once it can be reached."""
    open_frame(here, page, project, frames[0])
    page.wait_for_load_state("networkidle")
    here.context.set_offline(True)
    for frame in frames[:10]:
        for key in ("1", "g", "2", "g", "3", "g", "d"):
            page.keyboard.press(key)
        if frame != frames[-1]:
            wait_for_other(page, frame)
    time.sleep(1)
    said = page.get_by_test_id("save-state").inner_text()
    page.close(run_before_unload=False)
    here.context.set_offline(False)
    again = here.page()
    again.goto(f"{here.local.url}/projects/{project}/videos")
    deadline = time.monotonic() + 60
    while (lost := 3 * len(frames[:10]) - saved_points(here, project, frames[:10])) and time.monotonic() < deadline:
        time.sleep(0.5)
    again.close()
    return line("label.edits_lost", lost, "", f"goal 0 of {3 * len(frames[:10])}", said=said)


def saved_points(here: Setting, project: str, frames: Sequence[str]) -> int:
    return sum(here.call("GET", f"/projects/{project}/frames/{frame}")["labelled_points"] for frame in frames)


def large_queue(here: Setting, given: Mouse, count: int) -> str:
    """The address of the label page of a queue with `count` frames, each with pre-labels of several animals."""
    names = [f"keypoint {n + 1}" for n in range(KEYPOINTS)]
    project = here.project(names, ANIMALS)
    chance = np.random.default_rng(0)
    pictures = [here.put_image(given.images[n % len(given.images)]) for n in range(min(PICTURES, count))]
    pose = chance.uniform((40, 40), (SIZE[0] - 40, SIZE[1] - 40), (ANIMALS, KEYPOINTS, 2))
    frames = []
    for n in range(count):
        places = np.concatenate([pose + chance.normal(0, 10, pose.shape), np.full((ANIMALS, KEYPOINTS, 1), 0.9)], -1)
        frames.append(Proposed(pictures[n % len(pictures)], *SIZE, places))
    here.fill(project, frames)
    # Each part begins with frames that none before it has submitted.
    return f"{here.local.url}/projects/{project}/label?state=todo"


def open_frame(here: Setting, page: Page, project: str, frame: str) -> None:
    page.goto(f"{here.local.url}/projects/{project}/label?frame={frame}")
    ready(page)


def ready(page: Page) -> None:
    """The page shows a frame, and had a moment to fetch those ahead."""
    page.get_by_role("option").first.wait_for()
    page.get_by_test_id("save-state").get_by_text("Saved", exact=True).wait_for()
    page.wait_for_load_state("networkidle")
    page.evaluate("probe.watchSaves()")


def wait_for_other(page: Page, frame: str) -> None:
    """Until the address names another frame."""
    page.wait_for_function("(id) => !location.search.includes(id)", arg=frame, timeout=10_000)


def latency(here: Setting, address: str, frames: int) -> Iterator[dict[str, Any]]:
    """The loop at both networks; the same number of frames each."""
    floor = empty_page(here, frames)
    yield line(
        "label.floor_key_p95_ms",
        p95(floor["keys"]),
        "ms",
        "an empty page that draws one picture",
        p50=p50(floor["keys"]),
    )
    yield line(
        "label.floor_pointer_p95_ms",
        p95(floor["moves"]),
        "ms",
        "an empty page that draws one point",
        p50=p50(floor["moves"]),
    )
    for suffix, conditions in (("", None), ("_80ms", (ROUND_TRIP_MS, BITS))):
        page = here.page()
        page.goto(address)
        ready(page)
        throttle(page, conditions)
        found = loop(page, frames)
        late = [one["ms"] for one in found["keys"] if one["ms"] is None]
        keys = [one["ms"] for one in found["keys"] if one["ms"] is not None]
        goal = f"goal 50; the empty page {p95(floor['keys']):.0f}"
        script = [one["script"] for one in found["keys"] if one["script"] is not None]
        yield line(f"label.next_frame{suffix}_p95_ms", p95(keys), "ms", goal, p50=p50(keys), frames=len(keys),
                   never=len(late), until_drawn_p95_ms=p95(script), until_drawn_p50_ms=p50(script))  # fmt: skip
        saves = found["saves"]
        yield line(
            f"label.saved{suffix}_p95_ms",
            p95(saves),
            "ms",
            "400 ms of it gather edits",
            p50=p50(saves),
            saves=len(saves),
        )
        moves = dragging(page, 4 if frames < 20 else 12)
        goal = f"goal 16.7 and one frame; the empty page {p95(floor['moves']):.0f}"
        ms = [one["ms"] for one in moves["moves"]]
        in_next = float(np.mean([one["frames"] <= 1 for one in moves["moves"]]))
        yield line(
            f"label.pointer{suffix}_p95_ms", p95(ms), "ms", goal, p50=p50(ms), moves=len(ms), in_next_frame=in_next
        )
        yield line(f"label.click{suffix}_p95_ms", p95(moves["clicks"]), "ms", "16 or less is not told by the browser",
                   p50=p50(moves["clicks"]), clicks=len(moves["clicks"]))  # fmt: skip
        if conditions is not None:
            yield without_network(page)
        page.close()


def loop(page: Page, frames: int) -> dict[str, Any]:
    """Enter, again and again, at the pace of somebody who takes over right frames."""
    page.evaluate("probe.read()")
    for _ in range(frames):
        time.sleep(BETWEEN_FRAMES_S)
        page.keyboard.press("Enter")
    time.sleep(BETWEEN_FRAMES_S)
    found: dict[str, Any] = page.evaluate("probe.read()")
    return found


def dragging(page: Page, drags: int) -> dict[str, Any]:
    """Points are dragged about, then clicked."""
    who = Person(page, SIZE, 0)
    page.evaluate("probe.read()")
    for n in range(drags):
        x, y = who.on_screen(SIZE[0] / 2, SIZE[1] / 2)
        page.keyboard.press(str(n % 9 + 1))
        page.mouse.click(x, y)
        page.mouse.down()
        for step in range(40):
            page.mouse.move(x + 3 * step, y + 40 * np.sin(step / 5))
            time.sleep(0.008)
        page.mouse.up()
    found: dict[str, Any] = page.evaluate("probe.read()")
    return found


def without_network(page: Page) -> dict[str, Any]:
    """With a round trip of five seconds no frame may wait: what is needed is there already."""
    time.sleep(3)
    throttle(page, (5000, BITS))
    found = loop(page, 5)["keys"]
    throttle(page, None)
    waits = [one["ms"] if one["ms"] is not None else 5000.0 for one in found]
    return line(
        "label.next_frame_5s_round_trip_max_ms",
        max(waits),
        "ms",
        "the same as without; no wait for the network",
        frames=len(waits),
    )


def empty_page(here: Setting, turns: int) -> dict[str, list[float]]:
    """What the browser takes on this machine to bring a picture or a point to the screen, whatever the page."""
    page = here.page()
    body = FLOOR.replace("WIDTH", str(SIZE[0])).replace("HEIGHT", str(SIZE[1]))
    page.route("**/empty", lambda route: route.fulfill(body=body, content_type="text/html"))
    page.goto(f"{here.local.url}/empty")
    for _ in range(turns):
        time.sleep(0.2)
        page.keyboard.press("Enter")
    page.mouse.move(100, 100)
    page.mouse.down()
    for step in range(4 * turns):
        page.mouse.move(100 + 2 * step, 100 + 20 * np.sin(step / 5))
        time.sleep(0.008)
    page.mouse.up()
    found = page.evaluate("probe.read()")
    page.close()
    keys = [one["ms"] for one in found["keys"] if one["ms"] is not None]
    return {"keys": keys, "moves": [one["ms"] for one in found["moves"]]}


def throttle(page: Page, conditions: tuple[int, int] | None) -> None:
    """The browser's own network, as if it were far away; None for as it is."""
    latency_ms, bits = conditions or (0, -8)
    client = page.context.new_cdp_session(page)
    client.send("Network.enable")
    client.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": latency_ms, "downloadThroughput": bits / 8, "uploadThroughput": bits / 8},
    )


def memory(here: Setting, address: str, frames: int) -> Iterator[dict[str, Any]]:
    """Script and bitmaps after the frames, against after the first of them."""
    page = here.page()
    page.goto(address)
    ready(page)
    client = page.context.new_cdp_session(page)
    client.send("Performance.enable")
    warm = min(WARM, frames // 2)
    early: dict[str, float] = {}
    for n in range(1, frames + 1):
        page.keyboard.press("Enter")
        time.sleep(KEY_S)
        if n == warm:
            early = held(page, client)
    late = held(page, client)
    growth = (late["heap"] + late["bitmaps"]) / (early["heap"] + early["bitmaps"])
    yield line("label.memory_growth", growth, "", f"goal 1.1; after {frames} frames against after {warm}",
               early_mb=megabytes(early), late_mb=megabytes(late))  # fmt: skip
    page.close()


def held(page: Page, client: CDPSession) -> dict[str, float]:
    """Bytes of script and of decoded bitmaps, and how many nodes and listeners there are, after a collection."""
    time.sleep(2)
    page.evaluate("probe.read()")
    for _ in range(3):
        client.send("HeapProfiler.collectGarbage")
    metrics = {one["name"]: one["value"] for one in client.send("Performance.getMetrics")["metrics"]}
    bitmaps = float(page.evaluate("probe.bitmapBytes()"))
    return {
        "heap": metrics["JSHeapUsedSize"],
        "bitmaps": bitmaps,
        "nodes": metrics["Nodes"],
        "listeners": metrics["JSEventListeners"],
    }


def megabytes(one: dict[str, float]) -> dict[str, float]:
    return {name: round(value / 2**20, 1) if name in ("heap", "bitmaps") else value for name, value in one.items()}


def p50(values: Sequence[float]) -> float:
    return round(float(np.median(values)), 1) if len(values) else float("nan")


def p95(values: Sequence[float]) -> float:
    return round(float(np.quantile(values, 0.95)), 1) if len(values) else float("nan")


if __name__ == "__main__":
    main()
