/** Where keypoints are drawn in the skeleton editor. */
import type { SkeletonDraft } from "./skeletonDraft";
import { TEMPLATES } from "./skeletonTemplates";

interface Place {
  readonly x: number;
  readonly y: number;
}

const KNOWN = new Map(TEMPLATES.flatMap((template) => template.keypoints.map(([name, x, y]) => [`${template.id} ${name}`, { x, y }] as const)));

/** Beside a single neighbour, so that both can be grasped; a share of the picture. */
const ASIDE = 0.04;

/**
 * Each keypoint's place in shares of the picture: where it was put, where it is labelled, as a template has it, amid those
 * it is connected with (a frame need not show every part), or on an ellipse.
 */
export function placesOf(draft: SkeletonDraft, labelled: ReadonlyMap<string, Place>): readonly Place[] {
  const names = draft.keypoints.map((keypoint) => keypoint.name);
  const template = TEMPLATES.find((one) => names.length > 0 && names.filter((name) => KNOWN.has(`${one.id} ${name}`)).length > names.length / 2);
  const settled = new Map<string, Place>();
  for (const keypoint of draft.keypoints) {
    const own = keypoint.place ?? (keypoint.id == null ? undefined : labelled.get(keypoint.id));
    const place = own ?? KNOWN.get(`${template?.id ?? ""} ${keypoint.name}`);
    if (place) settled.set(keypoint.name, place);
  }
  return names.map((name, index) => settled.get(name) ?? amid(name, draft.edges, settled) ?? onEllipse(index, names.length));
}

function amid(name: string, edges: SkeletonDraft["edges"], settled: ReadonlyMap<string, Place>): Place | undefined {
  const around = edges.flatMap(([a, b]) => settled.get(a === name ? b : b === name ? a : "") ?? []);
  if (around.length === 0) return undefined;
  const aside = around.length === 1 ? ASIDE : 0;
  const sum = around.reduce((total, place) => ({ x: total.x + place.x, y: total.y + place.y }));
  return { x: sum.x / around.length + aside, y: sum.y / around.length + aside };
}

function onEllipse(index: number, count: number): Place {
  const angle = (2 * Math.PI * index) / Math.max(1, count) - Math.PI / 2;
  return { x: 0.5 + 0.36 * Math.cos(angle), y: 0.5 + 0.38 * Math.sin(angle) };
}
