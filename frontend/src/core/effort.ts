/** What labelling costs a person: time, clicks, and how far predictions had to be moved. */

import { isPlaced, type Points } from "./labels";
import type { Prelabels } from "./prelabels";

export interface Effort {
  readonly seconds: number;
  readonly clicks: number;
  /** The model whose predictions were shown, points taken as it predicted them, points moved, and how far in all. */
  readonly modelId: string | null;
  readonly confirmed: number;
  readonly corrected: number;
  readonly correctionPx: number;
}

export const NO_EFFORT: Effort = { seconds: 0, clicks: 0, modelId: null, confirmed: 0, corrected: 0, correctionPx: 0 };

export const addEffort = (a: Effort, b: Effort): Effort => ({
  seconds: a.seconds + b.seconds,
  clicks: a.clicks + b.clicks,
  modelId: b.modelId ?? a.modelId,
  confirmed: a.confirmed + b.confirmed,
  corrected: a.corrected + b.corrected,
  correctionPx: a.correctionPx + b.correctionPx,
});

export const isSpent = (effort: Effort): boolean => effort.seconds > 0 || effort.clicks > 0 || effort.confirmed + effort.corrected > 0;

/** Longer pauses are not work on the frame. */
export const LONGEST_PAUSE_S = 20;

/** Active time and clicks since it was last read; times are milliseconds. */
export class Stopwatch {
  private seconds = 0;
  private clicks = 0;

  constructor(private last: number) {}

  /** The person did something; `clicks` of it count as clicks. */
  act(now: number, clicks: number): void {
    this.seconds += Math.min(Math.max(0, (now - this.last) / 1000), LONGEST_PAUSE_S);
    this.clicks += clicks;
    this.last = now;
  }

  take(now: number): Effort {
    this.act(now, 0);
    const taken = { ...NO_EFFORT, seconds: Math.round(this.seconds * 100) / 100, clicks: this.clicks };
    this.seconds = 0;
    this.clicks = 0;
    return taken;
  }
}

/** Two positions closer than this were not moved by hand. */
const SAME_PX = 0.01;

/** How the labels of a frame differ from what its model predicted. */
export function correction(predicted: Prelabels, points: Points): Effort {
  if (predicted.modelId === null) return NO_EFFORT;
  let [confirmed, corrected, correctionPx] = [0, 0, 0];
  for (const [key, guess] of predicted.points) {
    const point = points.get(key);
    if (!isPlaced(point)) continue;
    const moved = Math.hypot(point.x - guess.x, point.y - guess.y);
    if (moved < SAME_PX) confirmed += 1;
    else {
      corrected += 1;
      correctionPx += moved;
    }
  }
  return { ...NO_EFFORT, modelId: predicted.modelId, confirmed, corrected, correctionPx };
}
