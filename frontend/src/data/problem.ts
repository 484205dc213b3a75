/** What the API says when it refuses: an application/problem+json body, or what we know without one. */
export class Problem extends Error {
  override readonly name = "Problem";

  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly detail: string,
    readonly requestId: string | null,
    readonly field: string | null = null,
    readonly extra: Readonly<Record<string, unknown>> = {},
  ) {
    super(detail || title);
  }
}

const text = (value: unknown): string | null => (typeof value === "string" ? value : null);

/** Reads the body of a refused request; anything that is not a problem document still gets a sentence. */
export function problemFrom(status: number, body: unknown, requestId: string | null): Problem {
  const fields = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
  const title = text(fields.title) ?? fallbackTitle(status);
  return new Problem(
    status,
    text(fields.code) ?? `http.${status}`,
    title,
    text(fields.detail) ?? "",
    text(fields.request_id) ?? requestId,
    text(fields.field),
    fields,
  );
}

export function unreachable(): Problem {
  return new Problem(0, "network", "Tailbase cannot be reached", "Check the connection; the page tries again by itself.", null);
}

export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new Problem(0, "page", "The page met an unexpected error", message, null);
}

function fallbackTitle(status: number): string {
  if (status === 401) return "Sign in first";
  if (status === 403) return "Your role does not allow this";
  if (status === 404) return "Not found";
  if (status === 413) return "Too large";
  if (status >= 500) return "Tailbase has a problem";
  return "The request was refused";
}
