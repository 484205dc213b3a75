/** The labelling sessions of this tab, one a project and set of labels: what waits is sent also while other pages are open. */

import { LabelSession } from "@/core/labelSession";

import { labelTransport } from "./labels";
import { labelStore, projectsWithWork } from "./labelStore";

const sessions = new Map<string, LabelSession>();

/** A second rater's own labels are kept apart under this name. */
const OWN = "/own";

/** The session of this person and project; made on first use, when it also takes over what earlier tabs left. */
export const labelSession = (user: string, project: string, own: boolean): LabelSession => sessionAt(user, own ? project + OWN : project);

function sessionAt(user: string, place: string): LabelSession {
  const key = `${user}/${place}`;
  const here = sessions.get(key);
  if (here !== undefined) return here;
  const own = place.endsWith(OWN);
  const made = new LabelSession(labelTransport(own ? place.slice(0, -OWN.length) : place, own), labelStore(user, place));
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
    (places) => places.forEach((place) => sessionAt(user, place)),
    () => undefined,
  );
  return () => {
    window.removeEventListener("online", online);
    window.removeEventListener("beforeunload", closing);
    for (const session of sessions.values()) session.destroy();
    sessions.clear();
  };
}
