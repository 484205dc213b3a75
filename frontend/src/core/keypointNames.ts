/** Keypoint lists as people paste them, and the left-right pairs their names suggest. */

export const PALETTE = [
  "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#b8ae2a", "#332288", "#88ccee", "#44aa99",
  "#117733", "#999933", "#ddcc77", "#cc6677", "#882255", "#aa4499",
] as const;

export const colorAt = (index: number): string => PALETTE[index % PALETTE.length] ?? "#0072b2";

/** One name a line, or separated by commas, semicolons or tabs; doubles and blanks are dropped. */
export function parseNames(text: string): string[] {
  const names = text.split(/[\n,;\t]+/).map((name) => name.trim().replace(/^["']|["']$/g, ""));
  return [...new Set(names.filter((name) => name !== ""))];
}

const SIDES: readonly [RegExp, string][] = [
  [/(^|[^a-z])left(?![a-z])/i, "right"],
  [/(^|[^a-z])right(?![a-z])/i, "left"],
  [/(^|[_\-. ])l(?=$|[_\-. ])/i, "r"],
  [/(^|[_\-. ])r(?=$|[_\-. ])/i, "l"],
  [/(^)left(?=[A-Z])/, "right"],
  [/(^)right(?=[A-Z])/, "left"],
  [/([a-z])Left(?![a-z])/, "right"],
  [/([a-z])Right(?![a-z])/, "left"],
  [/([a-z])L(?=\d*$)/, "r"],
  [/([a-z])R(?=\d*$)/, "l"],
];

/** The name on the other side of the body, in the same case; null for a name without a side. */
export function otherSide(name: string): string | null {
  for (const [pattern, side] of SIDES) {
    const match = pattern.exec(name);
    if (match === null) continue;
    const before = match[1] ?? "";
    const word = match[0].slice(before.length);
    return name.slice(0, match.index) + before + likeCase(side, word) + name.slice(match.index + match[0].length);
  }
  return null;
}

function likeCase(word: string, model: string): string {
  if (model === model.toUpperCase()) return word.toUpperCase();
  if (/^[A-Z]/.test(model)) return word.charAt(0).toUpperCase() + word.slice(1);
  return word;
}

export interface NewKeypoint {
  name: string;
  color: string;
  partner: string | null;
  part: string | null;
  view: string | null;
}

export function keypointsFrom(names: readonly string[]): NewKeypoint[] {
  const known = new Set(names);
  return names.map((name, index) => {
    const partner = otherSide(name);
    return { name, color: colorAt(index), partner: partner !== null && known.has(partner) ? partner : null, part: null, view: null };
  });
}
