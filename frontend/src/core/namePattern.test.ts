import { expect, test } from "vitest";

import { fieldNames, pieces } from "./namePattern";

test("a pattern falls into text, fields and wildcards", () => {
  expect(pieces("{session}_{animal}*top")).toEqual([
    { kind: "field", text: "session" },
    { kind: "text", text: "_" },
    { kind: "field", text: "animal" },
    { kind: "wildcard", text: "*" },
    { kind: "text", text: "top" },
  ]);
});

test("an open brace is text until it is closed", () => {
  expect(fieldNames("{session}_{ani")).toEqual(["session"]);
});
