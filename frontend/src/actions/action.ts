/** A user action: what it is called, its keys, what it does. Menu, key sheet and keyboard share one definition. */

import type { Changes, PointKey, Points } from "../core/labels";

export interface LabelContext {
  readonly points: Points;
  /** Every point that can be placed, in the order of the list. */
  readonly keys: readonly PointKey[];
  readonly selected: PointKey | null;
  readonly individual: string | null;
  apply(changes: Changes, label: string): void;
  select(key: PointKey | null): void;
  undo(): void;
  redo(): void;
  go(where: "next" | "previous" | "nextTodo"): void;
  submit(): void;
  fit(): void;
  zoomToSelected(): void;
  /** Look at the image `step` frames further; 0 returns to the labelled one. */
  context(step: 1 | -1 | 0): void;
  toggle(what: "names" | "edges" | "overlay" | "help" | "adjust"): void;
}

export interface LabelAction {
  readonly id: string;
  readonly title: string;
  readonly keys: readonly string[];
  run(context: LabelContext, stroke: string): void;
}
