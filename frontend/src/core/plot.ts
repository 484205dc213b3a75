/** Axes of plots: round ticks, and places of values on the screen. */

const STEPS = [1, 2, 2.5, 5, 10] as const;

/** Round numbers from 0 to at least `max`, about `wanted` of them. */
export function ticksTo(max: number, wanted = 5): number[] {
  if (!Number.isFinite(max) || max <= 0) return [0, 1];
  const rough = max / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * (STEPS.find((one) => one * power >= rough * (1 - 1e-9)) ?? 10);
  const count = Math.ceil(max / step - 1e-9);
  return Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(12)));
}

/** The place of a value on a line from `start` to `end`, which stands for 0 to `max`. */
export function placeOn(max: number, start: number, end: number): (value: number) => number {
  return (value) => start + ((end - start) * value) / max;
}

/** As few digits as tell the ticks apart. */
export function tickText(value: number, ticks: readonly number[]): string {
  const step = ticks.length > 1 ? Math.abs((ticks[1] ?? 1) - (ticks[0] ?? 0)) : 1;
  for (let digits = 0; digits < 6; digits += 1) {
    if (Math.abs(Number(step.toFixed(digits)) - step) < step * 1e-6) return value.toFixed(digits);
  }
  return String(value);
}
