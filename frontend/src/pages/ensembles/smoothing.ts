import type { Smoother, SmoothSpec } from "@/data/types";

const DEFAULTS: Omit<SmoothSpec, "method" | "views"> = {
  smoothing: null,
  quantile: 50,
  inflate: false,
  min_likelihood: 0,
  longest_gap: null,
  window: 5,
};

/** The settings of a way to smooth before anybody changes them. */
export const settingsFor = (smoother: Smoother): SmoothSpec => ({ ...DEFAULTS, method: smoother.method, views: smoother.views });

/** The suggested way to smooth, with its settings. */
export function suggested(smoothers: readonly Smoother[]): SmoothSpec | null {
  const smoother = smoothers.find((one) => one.suggested);
  return smoother ? settingsFor(smoother) : null;
}
