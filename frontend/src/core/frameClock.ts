/** Which frame a player shows, exactly: the rate is a fraction and seeks go to the middle of a frame. */

export interface FrameRate {
  readonly num: number;
  readonly den: number;
}

/** Parses "30000/1001" or "30". */
export function parseRate(text: string): FrameRate {
  const [num, den = 1] = text.split("/").map(Number);
  if (num === undefined || !(num > 0) || !(den > 0)) throw new Error(`not a frame rate: ${text}`);
  return { num, den };
}

/** Time in the middle of a frame: the only seek target that every player resolves to that frame. */
export const middleOf = (frame: number, rate: FrameRate): number => ((frame + 0.5) * rate.den) / rate.num;

export const startOf = (frame: number, rate: FrameRate): number => (frame * rate.den) / rate.num;

/** The frame whose presentation time is `mediaTime`, as requestVideoFrameCallback reports it. */
export const frameOf = (mediaTime: number, rate: FrameRate): number =>
  Math.max(0, Math.round((mediaTime * rate.num) / rate.den));

export const clampFrame = (frame: number, count: number): number => Math.min(Math.max(0, frame), Math.max(0, count - 1));

/** "1:02.345" */
export function clockText(seconds: number): string {
  const whole = Math.max(0, seconds);
  const minutes = Math.floor(whole / 60);
  return `${minutes.toString()}:${(whole - minutes * 60).toFixed(3).padStart(6, "0")}`;
}
