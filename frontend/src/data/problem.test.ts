import { describe, expect, test } from "vitest";

import { asProblem, Problem, problemFrom } from "./problem";

describe("problems", () => {
  test("a problem document keeps its code, sentence, field and request id", () => {
    const problem = problemFrom(422, { code: "name.taken", title: "Taken", detail: "Choose another.", field: "name", request_id: "r1" }, null);
    expect(problem).toMatchObject({ status: 422, code: "name.taken", message: "Choose another.", field: "name", requestId: "r1" });
  });

  test("a reply that is not a problem document still gets a title and the header's request id", () => {
    expect(problemFrom(502, "<html>", "r2")).toMatchObject({ code: "http.502", title: "Tailbase has a problem", requestId: "r2" });
  });

  test("an error of the page becomes a problem and a problem stays itself", () => {
    const problem = new Problem(404, "not_found", "Not found", "", null);
    expect(asProblem(problem)).toBe(problem);
    expect(asProblem(new Error("boom")).detail).toBe("boom");
  });
});
