import { Problem, problemFrom, unreachable } from "./problem";

const BASE = "/api/v1";

type Query = Record<string, string | number | boolean | null | undefined>;

function address(path: string, query?: Query): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query ?? {})) {
    if (value !== null && value !== undefined && value !== "") search.set(key, String(value));
  }
  const text = search.toString();
  return BASE + path + (text ? `?${text}` : "");
}

async function send<T>(method: string, path: string, body?: unknown, query?: Query): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  // One key a call: a POST the browser repeats after a lost reply takes effect once.
  if (method === "POST") headers["Idempotency-Key"] = crypto.randomUUID();
  let reply: Response;
  try {
    reply = await fetch(address(path, query), {
      method,
      headers,
      credentials: "same-origin",
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch {
    throw unreachable();
  }
  const content = reply.status === 204 ? null : ((await reply.json().catch(() => null)) as unknown);
  if (!reply.ok) throw problemFrom(reply.status, content, reply.headers.get("X-Request-ID"));
  return content as T;
}

export const http = {
  get: <T>(path: string, query?: Query) => send<T>("GET", path, undefined, query),
  post: <T>(path: string, body: unknown = {}) => send<T>("POST", path, body),
  put: <T>(path: string, body: unknown) => send<T>("PUT", path, body),
  patch: <T>(path: string, body: unknown) => send<T>("PATCH", path, body),
  delete: <T>(path: string) => send<T>("DELETE", path),
};

export const isSignedOut = (error: unknown) => error instanceof Problem && error.status === 401;
