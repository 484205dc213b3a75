/** A user action: what it is called, its keys, what it does. Menu, key sheet and keyboard share one definition. */

import type { ImagePoint } from "../core/geometry";
import type { Changes, PointKey, Points } from "../core/labels";
import type { Prelabels } from "../core/prelabels";

export type Panel = "overlay" | "help" | "display" | "history" | "learning" | "return" | "skip";

export interface LabelContext {
  readonly points: Points;
  readonly predicted: Prelabels;
  /** Every point of the chosen animal that can be placed, in the order of the list. */
  readonly keys: readonly PointKey[];
  readonly selected: PointKey | null;
  readonly individual: string;
  readonly individuals: readonly string[];
  readonly apply: (changes: Changes, label: string) => void;
  readonly select: (key: PointKey | null) => void;
  readonly chooseIndividual: (id: string) => void;
  readonly undo: () => void;
  readonly redo: () => void;
  readonly go: (where: "next" | "previous" | "nextTodo") => void;
  readonly submit: () => void;
  /** A reviewer's yes to what was submitted; then the next frame. */
  readonly accept: () => void;
  readonly mayReview: boolean;
  /** Put the chosen keypoint somewhere and go on to the next. */
  readonly place: (at: ImagePoint) => void;
  /** Go on after `key` was settled, to the next keypoint or, in the other mode, to the next frame. */
  readonly advance: (key: PointKey, points: Points) => void;
  /** The image point in the middle of the screen. */
  readonly middle: () => ImagePoint;
  readonly copyPose: () => void;
  readonly fit: () => void;
  readonly zoomToSelected: () => void;
  readonly zoomBy: (factor: number) => void;
  readonly panBy: (dx: number, dy: number) => void;
  /** Look at the image `step` frames further; 0 returns to the labelled one. */
  readonly context: (step: 1 | -1 | 0) => void;
  readonly play: () => void;
  readonly toggle: (what: "names" | "edges" | "through" | "compare" | Panel) => void;
  readonly show: (what: Panel, on: boolean) => void;
}

export interface LabelAction {
  readonly id: string;
  readonly title: string;
  readonly keys: readonly string[];
  readonly run: (context: LabelContext, stroke: string) => void;
  /** When the key is let go, for what lasts as long as it is held. */
  readonly release?: (context: LabelContext) => void;
}
