/** Edits of a skeleton before it is saved. Every function returns a new draft and keeps it consistent. */
import { colorAt, keypointsFrom, otherSide } from "./keypointNames";

export interface DraftKeypoint {
  id?: string | null | undefined;
  name: string;
  color: string;
  partner: string | null;
  part: string | null;
  view: string | null;
  /** Where it is drawn in the editor, in shares of the picture; the server does not keep it. */
  place?: { readonly x: number; readonly y: number } | undefined;
}

export interface DraftView {
  name: string;
  mirrored: boolean;
}

export interface SkeletonDraft {
  keypoints: DraftKeypoint[];
  edges: [string, string][];
  views: DraftView[];
}

export type KeypointChange = Partial<Omit<DraftKeypoint, "id">>;

/** Changes one keypoint; a rename follows through partners and edges, a partner is always mutual. */
export function changeKeypoint(draft: SkeletonDraft, index: number, change: KeypointChange): SkeletonDraft {
  const old = draft.keypoints[index];
  if (!old) return draft;
  const keypoints = draft.keypoints.map((keypoint, i) => (i === index ? { ...keypoint, ...change } : { ...keypoint }));
  let { edges } = draft;
  if (change.name !== undefined && change.name !== old.name) {
    const renamed = (name: string) => (name === old.name ? (change.name ?? name) : name);
    edges = edges.map(([a, b]) => [renamed(a), renamed(b)]);
    keypoints.forEach((keypoint) => (keypoint.partner = keypoint.partner === null ? null : renamed(keypoint.partner)));
  }
  if (change.partner !== undefined) pairUp(keypoints, index, change.partner);
  return { ...draft, keypoints, edges };
}

function pairUp(keypoints: DraftKeypoint[], index: number, partner: string | null): void {
  const own = keypoints[index];
  if (!own) return;
  for (const keypoint of keypoints) {
    const loses = keypoint !== own && (keypoint.partner === own.name || (partner !== null && keypoint.partner === partner));
    if (loses) keypoint.partner = null;
    if (partner !== null && keypoint.name === partner) keypoint.partner = own.name;
  }
  own.partner = partner;
}

export function addKeypoints(draft: SkeletonDraft, names: readonly string[]): SkeletonDraft {
  const known = new Set(draft.keypoints.map((keypoint) => keypoint.name));
  const fresh = names.filter((name) => !known.has(name));
  const paired = new Map(keypointsFrom([...known, ...fresh]).map((keypoint) => [keypoint.name, keypoint.partner]));
  const free = (name: string | null | undefined) => name && !draft.keypoints.some((k) => k.name === name && k.partner !== null);
  const keypoints: DraftKeypoint[] = draft.keypoints.map((keypoint) => {
    const partner = paired.get(keypoint.name) ?? null;
    return keypoint.partner === null && partner !== null && fresh.includes(partner) ? { ...keypoint, partner } : keypoint;
  });
  const added = fresh.map((name, i): DraftKeypoint => {
    const partner = paired.get(name);
    return { name, color: colorAt(known.size + i), partner: free(partner) ? (partner ?? null) : null, part: null, view: null };
  });
  return { ...draft, keypoints: [...keypoints, ...added] };
}

export function removeKeypoint(draft: SkeletonDraft, index: number): SkeletonDraft {
  const gone = draft.keypoints[index]?.name;
  return {
    ...draft,
    keypoints: draft.keypoints
      .filter((_, i) => i !== index)
      .map((keypoint) => (keypoint.partner === gone ? { ...keypoint, partner: null } : keypoint)),
    edges: draft.edges.filter((edge) => !edge.includes(gone ?? "")),
  };
}

export function moveKeypoint(draft: SkeletonDraft, index: number, by: -1 | 1): SkeletonDraft {
  const keypoints = [...draft.keypoints];
  const [moved] = keypoints.splice(index, 1);
  if (!moved || index + by < 0 || index + by > keypoints.length) return draft;
  keypoints.splice(index + by, 0, moved);
  return { ...draft, keypoints };
}

const same = (a: readonly [string, string], b: readonly [string, string]) =>
  (a[0] === b[0] && a[1] === b[1]) || (a[0] === b[1] && a[1] === b[0]);

export function toggleEdge(draft: SkeletonDraft, edge: [string, string]): SkeletonDraft {
  if (edge[0] === edge[1]) return draft;
  const edges = draft.edges.filter((one) => !same(one, edge));
  return { ...draft, edges: edges.length < draft.edges.length ? edges : [...edges, edge] };
}

export function addView(draft: SkeletonDraft, name: string): SkeletonDraft {
  if (name === "" || draft.views.some((view) => view.name === name)) return draft;
  return { ...draft, views: [...draft.views, { name, mirrored: false }] };
}

export function removeView(draft: SkeletonDraft, name: string): SkeletonDraft {
  return {
    ...draft,
    views: draft.views.filter((view) => view.name !== name),
    keypoints: draft.keypoints.map((keypoint) => (keypoint.view === name ? { ...keypoint, view: null } : keypoint)),
  };
}

/** One more keypoint at a place, paired with the other side of the body if its name tells. */
export function addKeypointAt(draft: SkeletonDraft, name: string, place: { x: number; y: number }): SkeletonDraft {
  const grown = addKeypoints(draft, [name]);
  return { ...grown, keypoints: grown.keypoints.map((keypoint) => (keypoint.name === name ? { ...keypoint, place } : keypoint)) };
}

/** A new name, and with it the partner that the name suggests where both are still without one. */
export function renameKeypoint(draft: SkeletonDraft, index: number, name: string): SkeletonDraft {
  const renamed = changeKeypoint(draft, index, { name });
  const other = renamed.keypoints.find((keypoint) => keypoint.name === otherSide(name));
  if (other?.partner !== null || renamed.keypoints[index]?.partner !== null) return renamed;
  return changeKeypoint(renamed, index, { partner: other.name });
}

/** A name nobody has: "keypoint 4". */
export function freshName(draft: SkeletonDraft): string {
  const known = new Set(draft.keypoints.map((keypoint) => keypoint.name));
  const numbers = Array.from({ length: known.size + 1 }, (_, i) => `keypoint ${known.size + 1 + i}`);
  return numbers.find((name) => !known.has(name)) ?? "keypoint";
}

/** What keeps the draft from being saved; null when nothing does. */
export function mistake(draft: SkeletonDraft): string | null {
  const names = draft.keypoints.map((keypoint) => keypoint.name.trim());
  if (names.includes("")) return "Every keypoint needs a name.";
  const double = names.find((name, i) => names.indexOf(name) !== i);
  return double === undefined ? null : `Two keypoints are called ${double}.`;
}
