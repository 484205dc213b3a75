/** Skeletons to start from. Names are those that public data sets and networks use, so that labels can be shared. */
import { addKeypoints, type SkeletonDraft } from "./skeletonDraft";

export interface SkeletonTemplate {
  readonly id: string;
  readonly title: string;
  /** Name and place in the picture: shares of its width and height. */
  readonly keypoints: readonly (readonly [string, number, number])[];
  readonly edges: readonly (readonly [string, string])[];
}

type Place = readonly [string, number, number];

/** Points of both sides of an animal that is symmetric about the middle of the picture. */
const pairs = (left: (name: string) => string, right: (name: string) => string, half: readonly Place[]): Place[] => [
  ...half.map(([name, x, y]): Place => [left(name), x, y]),
  ...half.map(([name, x, y]): Place => [right(name), 1 - x, y]),
];

/** Neighbours along each chain of names. */
const chains = (...lists: readonly string[]): [string, string][] =>
  lists.flatMap((list) => {
    const names = list.split(" ");
    return names.slice(1).map((name, i): [string, string] => [names[i] ?? name, name]);
  });

const mouse: SkeletonTemplate = {
  id: "mouse-top",
  title: "Mouse from above (27)",
  keypoints: [
    ["nose", 0.5, 0.06],
    ...pairs((n) => `left_${n}`, (n) => `right_${n}`, [
      ["ear", 0.42, 0.19],
      ["ear_tip", 0.36, 0.16],
      ["eye", 0.46, 0.12],
      ["shoulder", 0.41, 0.31],
      ["midside", 0.38, 0.44],
      ["hip", 0.4, 0.57],
    ]),
    ["head_midpoint", 0.5, 0.16],
    ["neck", 0.5, 0.25],
    ["mid_back", 0.5, 0.35],
    ["mouse_center", 0.5, 0.43],
    ["mid_backend", 0.5, 0.5],
    ["mid_backend2", 0.5, 0.55],
    ["mid_backend3", 0.5, 0.6],
    ["tail_base", 0.5, 0.65],
    ["tail1", 0.5, 0.7],
    ["tail2", 0.51, 0.75],
    ["tail3", 0.53, 0.8],
    ["tail4", 0.55, 0.85],
    ["tail5", 0.56, 0.9],
    ["tail_end", 0.56, 0.95],
  ],
  edges: chains(
    "nose head_midpoint neck mid_back mouse_center mid_backend mid_backend2 mid_backend3 tail_base tail1 tail2 tail3 tail4 tail5 tail_end",
    "nose left_eye left_ear left_ear_tip",
    "nose right_eye right_ear right_ear_tip",
    "neck left_shoulder left_midside left_hip tail_base",
    "neck right_shoulder right_midside right_hip tail_base",
  ),
};

/** From the left side; what lies on the far side is drawn a little higher and further right. */
const farSide = (half: readonly Place[]): Place[] => half.map(([name, x, y]): Place => [name.replaceAll("left", "right"), x + 0.05, y - 0.03]);

const quadrupedNear: readonly Place[] = [
  ["mouth_end_left", 0.13, 0.36],
  ["left_eye", 0.14, 0.27],
  ["left_earbase", 0.2, 0.2],
  ["left_earend", 0.19, 0.12],
  ["left_antler_base", 0.17, 0.18],
  ["left_antler_end", 0.13, 0.07],
  ["front_left_thai", 0.36, 0.55],
  ["front_left_knee", 0.35, 0.72],
  ["front_left_paw", 0.34, 0.92],
  ["back_left_thai", 0.72, 0.55],
  ["back_left_knee", 0.75, 0.72],
  ["back_left_paw", 0.73, 0.92],
  ["body_middle_left", 0.53, 0.47],
];

const quadruped: SkeletonTemplate = {
  id: "quadruped",
  title: "Quadruped (39)",
  keypoints: [
    ["nose", 0.07, 0.32],
    ["upper_jaw", 0.08, 0.36],
    ["lower_jaw", 0.1, 0.4],
    ...quadrupedNear,
    ...farSide(quadrupedNear),
    ["neck_base", 0.23, 0.28],
    ["neck_end", 0.33, 0.36],
    ["throat_base", 0.19, 0.41],
    ["throat_end", 0.29, 0.52],
    ["back_base", 0.4, 0.34],
    ["back_middle", 0.55, 0.35],
    ["back_end", 0.7, 0.35],
    ["tail_base", 0.8, 0.37],
    ["tail_end", 0.93, 0.55],
    ["belly_bottom", 0.53, 0.64],
  ],
  edges: chains(
    "nose upper_jaw lower_jaw throat_base throat_end belly_bottom",
    "nose neck_base neck_end back_base back_middle back_end tail_base tail_end",
    "neck_base left_earbase left_earend",
    "neck_base right_earbase right_earend",
    "nose left_eye left_earbase left_antler_base left_antler_end",
    "nose right_eye right_earbase right_antler_base right_antler_end",
    "back_base front_left_thai front_left_knee front_left_paw",
    "back_base front_right_thai front_right_knee front_right_paw",
    "back_end back_left_thai back_left_knee back_left_paw",
    "back_end back_right_thai back_right_knee back_right_paw",
  ),
};

const legs = ["foreleg", "midleg", "hindleg"] as const;

const fly: SkeletonTemplate = {
  id: "fly",
  title: "Fly from above (32)",
  keypoints: [
    ["head", 0.5, 0.2],
    ["neck", 0.5, 0.29],
    ["thorax", 0.5, 0.42],
    ["abdomen", 0.5, 0.7],
    ...pairs((n) => `${n}L`, (n) => `${n}R`, [["eye", 0.43, 0.17], ["wing", 0.36, 0.86]]),
    ...legs.flatMap((leg, row) =>
      pairs(
        (n) => n.replace("#", "L"),
        (n) => n.replace("#", "R"),
        [1, 2, 3, 4].map((joint): Place => [`${leg}#${joint}`, 0.47 - 0.085 * joint, 0.36 + 0.07 * row + (row - 1) * 0.07 * joint]),
      ),
    ),
  ],
  edges: chains(
    "head neck thorax abdomen",
    "head eyeL",
    "head eyeR",
    "thorax wingL",
    "thorax wingR",
    ...["L", "R"].flatMap((side) => legs.map((leg) => `thorax ${[1, 2, 3, 4].map((joint) => `${leg}${side}${joint}`).join(" ")}`)),
  ),
};

const fingers = [
  ["index_finger", 0.4, 0.48, -0.02],
  ["middle_finger", 0.5, 0.46, 0],
  ["ring_finger", 0.6, 0.48, 0.02],
  ["pinky", 0.69, 0.53, 0.035],
] as const;

const hand: SkeletonTemplate = {
  id: "hand",
  title: "Hand (21)",
  keypoints: [
    ["wrist", 0.52, 0.92],
    ["thumb_cmc", 0.38, 0.82],
    ["thumb_mcp", 0.28, 0.7],
    ["thumb_ip", 0.21, 0.6],
    ["thumb_tip", 0.15, 0.51],
    ...fingers.flatMap(([finger, x, y, lean]) =>
      ["mcp", "pip", "dip", "tip"].map((joint, i): Place => [`${finger}_${joint}`, x + lean * i, y - 0.13 * i + (finger === "pinky" ? 0.03 * i : 0)]),
    ),
  ],
  edges: chains(
    "wrist thumb_cmc thumb_mcp thumb_ip thumb_tip",
    ...fingers.map(([finger]) => `wrist ${["mcp", "pip", "dip", "tip"].map((joint) => `${finger}_${joint}`).join(" ")}`),
    "index_finger_mcp middle_finger_mcp ring_finger_mcp pinky_mcp",
  ),
};

const bird: SkeletonTemplate = {
  id: "bird",
  title: "Bird from the side (15)",
  keypoints: [
    ["beak", 0.06, 0.3],
    ["crown", 0.22, 0.13],
    ["forehead", 0.14, 0.2],
    ["left_eye", 0.17, 0.26],
    ["right_eye", 0.2, 0.24],
    ["nape", 0.31, 0.22],
    ["throat", 0.17, 0.39],
    ["back", 0.47, 0.33],
    ["breast", 0.26, 0.54],
    ["belly", 0.42, 0.68],
    ["left_wing", 0.5, 0.5],
    ["right_wing", 0.56, 0.42],
    ["left_leg", 0.44, 0.86],
    ["right_leg", 0.51, 0.84],
    ["tail", 0.9, 0.57],
  ],
  edges: chains(
    "beak forehead crown nape back tail",
    "beak throat breast belly tail",
    "left_eye beak right_eye",
    "back left_wing",
    "back right_wing",
    "belly left_leg",
    "belly right_leg",
  ),
};

export const TEMPLATES: readonly SkeletonTemplate[] = [mouse, quadruped, fly, hand, bird];

/** The lines of a template between those of its keypoints that are among `names`. */
export function edgesAmong(names: readonly string[], templateId: string): [string, string][] {
  const known = new Set(names);
  const template = TEMPLATES.find((one) => one.id === templateId);
  return (template?.edges ?? []).filter(([a, b]) => known.has(a) && known.has(b)).map(([a, b]) => [a, b]);
}

/** The draft with what of the template it lacks; what it has stays as it is. */
export function withTemplate(draft: SkeletonDraft, template: SkeletonTemplate): SkeletonDraft {
  const places = new Map(template.keypoints.map(([name, x, y]) => [name, { x, y }]));
  const grown = addKeypoints(draft, [...places.keys()]);
  const known = new Set(draft.edges.flatMap(([a, b]) => [`${a}\n${b}`, `${b}\n${a}`]));
  const fresh = template.edges.filter(([a, b]) => !known.has(`${a}\n${b}`)).map(([a, b]): [string, string] => [a, b]);
  const keypoints = grown.keypoints.map((keypoint) => ({ ...keypoint, place: keypoint.place ?? places.get(keypoint.name) }));
  return { ...grown, keypoints, edges: [...grown.edges, ...fresh] };
}
