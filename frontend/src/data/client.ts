import createClient, { type Middleware } from "openapi-fetch";

import type { paths } from "@/api/schema";

import { Problem, problemFrom, unreachable } from "./problem";

const conventions: Middleware = {
  onRequest: ({ request }) => {
    // One key a call: a POST the browser repeats after a lost reply takes effect once.
    if (request.method === "POST") request.headers.set("Idempotency-Key", crypto.randomUUID());
    return request;
  },
  onError: () => unreachable(),
};

/** The REST API, typed by its own document. */
export const api = createClient<paths>({ credentials: "same-origin" });
api.use(conventions);

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** What the API replied, or its refusal as a Problem. */
export async function ok<T>(call: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await call;
  if (!response.ok) throw problemFrom(response.status, error, response.headers.get("X-Request-ID"));
  return data as T;
}

export const isSignedOut = (error: unknown) => error instanceof Problem && error.status === 401;
