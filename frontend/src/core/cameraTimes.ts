/** Seconds of a camera's frames from a file: NumPy's .npy, or text with one number a line. */

const MAGIC = "\x93NUMPY";
const WORDS = /[\s,;]+/;

export class NoTimes extends Error {}

export function readCameraTimes(bytes: ArrayBuffer): number[] {
  const start = new Uint8Array(bytes, 0, Math.min(6, bytes.byteLength));
  const seconds = String.fromCharCode(...start) === MAGIC ? ofNumpy(bytes) : ofText(new TextDecoder().decode(bytes));
  if (seconds.length < 2 || !seconds.every(Number.isFinite)) throw new NoTimes("This file is no list of seconds, one for each frame.");
  return seconds;
}

function ofNumpy(bytes: ArrayBuffer): number[] {
  const view = new DataView(bytes);
  const long = view.getUint8(6) > 1;
  const length = long ? view.getUint32(8, true) : view.getUint16(8, true);
  const from = (long ? 12 : 10) + length;
  const header = new TextDecoder("latin1").decode(bytes.slice(long ? 12 : 10, from));
  const type = /'descr':\s*'<([fi][48])'/.exec(header)?.[1];
  const count = /'shape':\s*\((\d+),\)/.exec(header)?.[1];
  if (type === undefined || count === undefined) throw new NoTimes("This .npy file is no list of numbers.");
  const size = Number(type[1]);
  if (from + size * Number(count) > bytes.byteLength) throw new NoTimes("This .npy file ends too early.");
  const read = { f4: (at: number) => view.getFloat32(at, true), f8: (at: number) => view.getFloat64(at, true), i4: (at: number) => view.getInt32(at, true), i8: (at: number) => Number(view.getBigInt64(at, true)) }[type as "f4"];
  return Array.from({ length: Number(count) }, (_, place) => read(from + size * place));
}

/** The last number of each line; a first line of words is a heading. */
function ofText(text: string): number[] {
  const rows = text.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== "");
  const last = rows.map((row) => Number(row.split(WORDS).at(-1)));
  return Number.isNaN(last[0]) ? last.slice(1) : last;
}
