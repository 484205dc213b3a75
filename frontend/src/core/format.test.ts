import { expect, test } from "vitest";

import { about, ago, bytes, count, decimal, duration, plural } from "./format";

test("sizes keep one decimal below one hundred of a unit", () => {
  expect([0, 999, 1500, 250_000_000, 2_500_000_000].map(bytes)).toEqual(["0 B", "999 B", "1.5 kB", "250 MB", "2.5 GB"]);
});

test("large counts are grouped by thin spaces", () => {
  expect([7, 1234, 1234567].map(count)).toEqual(["7", "1\u2009234", "1\u2009234\u2009567"]);
});

test("durations change unit at a minute and at an hour", () => {
  expect([1.234, 42, 185, 7800].map(duration)).toEqual(["1.2 s", "42 s", "3 min 05 s", "2 h 10 min"]);
});

test("long estimates are told in hours", () => {
  expect([1, 44, 134].map(about)).toEqual(["about 1 minute", "about 44 minutes", "about 2 hours"]);
});

test("what is not known is a dash", () => {
  expect([bytes(null), count(undefined), decimal(NaN), duration(null), ago(null, 0)]).toEqual(["–", "–", "–", "–", "–"]);
});

test("one is singular", () => {
  expect([plural(1, "frame"), plural(2, "frame"), plural(2, "body", "bodies")]).toEqual(["1 frame", "2 frames", "2 bodies"]);
});

test("times ago grow coarser with age", () => {
  const now = Date.parse("2026-11-20T12:00:00Z");
  expect(["11:59:50", "11:40:00", "06:00:00"].map((t) => ago(`2026-11-20T${t}Z`, now))).toEqual(["just now", "20 min ago", "6 h ago"]);
  expect(ago("2026-11-17T12:00:00Z", now)).toBe("3 days ago");
  expect(ago("2026-01-05T12:00:00Z", now)).toBe("2026-01-05");
});
