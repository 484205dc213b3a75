import { expect, test } from "vitest";

import { Gather, parseNews, touched } from "./live";

test("a burst of messages refreshes each list of a project once", () => {
  const gather = new Gather();
  for (let i = 0; i < 20; i += 1) gather.add({ project_id: "p", topic: "job", id: String(i) });
  gather.add({ project_id: "p", topic: "video", id: "v" });
  expect(gather.take()).toEqual([["p", "jobs"], ["p", "models"], ["p", "predictions"], ["p", "ensembles"], ["p", "videos"], ["p", "recordings"], ["p", "project"]]);
  expect(gather.take()).toEqual([]);
});

test("an unknown topic, also one named like a method of objects, touches nothing", () => {
  expect(touched("weather")).toEqual([]);
  expect(touched("toString")).toEqual([]);
});

test("what is not news is ignored", () => {
  expect([parseNews("{"), parseNews("3"), parseNews("{}"), parseNews('{"project_id": 1, "topic": "job"}')]).toEqual([null, null, null, null]);
  expect(parseNews('{"project_id": "p", "topic": "job"}')).toEqual({ project_id: "p", topic: "job", id: null });
});
