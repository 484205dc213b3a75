/** Where keypoints are drawn in the skeleton editor. */
import type { SkeletonDraft } from "./skeletonDraft";
import { TEMPLATES } from "./skeletonTemplates";

interface Place {
  readonly x: number;
  readonly y: number;
}

const KNOWN = new Map(TEMPLATES.flatMap((template) => template.keypoints.map(([name, x, y]) => [`${template.id} ${name}`, { x, y }] as const)));

/** Each keypoint's place in shares of the picture: where it was put, where it is labelled, as a template has it, or on an ellipse. */
export function placesOf(draft: SkeletonDraft, labelled: ReadonlyMap<string, Place>): readonly Place[] {
  const names = draft.keypoints.map((keypoint) => keypoint.name);
  const template = TEMPLATES.find((one) => names.length > 0 && names.filter((name) => KNOWN.has(`${one.id} ${name}`)).length > names.length / 2);
  return draft.keypoints.map((keypoint, index) => {
    const own = keypoint.place ?? (keypoint.id == null ? undefined : labelled.get(keypoint.id));
    return own ?? KNOWN.get(`${template?.id ?? ""} ${keypoint.name}`) ?? onEllipse(index, names.length);
  });
}

function onEllipse(index: number, count: number): Place {
  const angle = (2 * Math.PI * index) / Math.max(1, count) - Math.PI / 2;
  return { x: 0.5 + 0.36 * Math.cos(angle), y: 0.5 + 0.38 * Math.sin(angle) };
}
