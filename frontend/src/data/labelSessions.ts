/** The labelling sessions of this tab, one a project: what waits is sent also while other pages are open. */

import { LabelSession } from "@/core/labelSession";

import { labelTransport } from "./labels";
import { labelStore, projectsWithWork } from "./labelStore";

const sessions = new Map<string, LabelSession>();

/** The session of this person and project; made on first use, when it also takes over what earlier tabs left. */
export function labelSession(user: string, project: string): LabelSession {
  const key = `${user}/${project}`;
  const here = sessions.get(key);
  if (here !== undefined) return here;
  const made = new LabelSession(labelTransport(project), labelStore(user, project));
  sessions.set(key, made);
  return made;
}

/** Sends what waits as soon as the network is back, and what earlier tabs left; the returned function stops it. */
export function startSending(user: string): () => void {
  const online = () => {
    for (const session of sessions.values()) void session.flush();
  };
  const closing = (event: BeforeUnloadEvent) => {
    if ([...sessions.values()].some((session) => session.hasUnsaved())) event.preventDefault();
  };
  window.addEventListener("online", online);
  window.addEventListener("beforeunload", closing);
  // Without the store nothing can have been left in it; the label page says so.
  projectsWithWork(user).then(
    (projects) => projects.forEach((project) => labelSession(user, project)),
    () => undefined,
  );
  return () => {
    window.removeEventListener("online", online);
    window.removeEventListener("beforeunload", closing);
    for (const session of sessions.values()) session.destroy();
    sessions.clear();
  };
}
