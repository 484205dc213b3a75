/** News from the server, and which cached lists each makes old. Pure, so that it is tested without a browser. */

export interface News {
  project_id: string;
  topic: string;
  id: string | null;
}

/** The lists a topic touches: labels change frames and counts, a finished job may change anything it made. */
const TOUCHES: Readonly<Record<string, readonly string[]>> = {
  job: ["jobs", "models", "predictions", "ensembles"],
  video: ["videos", "recordings", "project"],
  frame: ["frames", "project"],
  model: ["models", "ensembles", "project"],
  ensemble: ["ensembles"],
  prediction: ["predictions", "ensembles"],
  labels: ["labels", "frames", "project"],
  project: ["project", "members", "skeleton"],
};

export function touched(topic: string): readonly string[] {
  return Object.hasOwn(TOUCHES, topic) ? (TOUCHES[topic] ?? []) : [];
}

/** Reads one message; null for what is not news. */
export function parseNews(text: string): News | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null) return null;
  const { project_id, topic, id } = value as Record<string, unknown>;
  if (typeof project_id !== "string" || typeof topic !== "string") return null;
  return { project_id, topic, id: typeof id === "string" ? id : null };
}

/** Collects (project, list) pairs so that a burst of progress messages refreshes each list once. */
export class Gather {
  private readonly pairs = new Map<string, Set<string>>();

  add(news: News): void {
    const lists = this.pairs.get(news.project_id) ?? new Set<string>();
    for (const list of touched(news.topic)) lists.add(list);
    this.pairs.set(news.project_id, lists);
  }

  take(): [project: string, list: string][] {
    const all = [...this.pairs].flatMap(([project, lists]) => [...lists].map((list): [string, string] => [project, list]));
    this.pairs.clear();
    return all;
  }
}
