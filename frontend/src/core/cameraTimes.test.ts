import { describe, expect, it } from "vitest";

import { NoTimes, readCameraTimes } from "./cameraTimes";

const text = (words: string) => new TextEncoder().encode(words).buffer;

function npy(numbers: number[], descr = "<f8", shape = `(${numbers.length},)`): ArrayBuffer {
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`.padEnd(117) + "\n";
  const bytes = new Uint8Array(10 + header.length + 8 * numbers.length);
  bytes.set([0x93, ...new TextEncoder().encode("NUMPY"), 1, 0, header.length, 0, ...new TextEncoder().encode(header)]);
  const view = new DataView(bytes.buffer);
  numbers.forEach((number, place) => view.setFloat64(10 + header.length + 8 * place, number, true));
  return bytes.buffer;
}

describe("times of a camera's frames", () => {
  it("come from a .npy file", () => expect(readCameraTimes(npy([180.5, 180.6, 180.7]))).toEqual([180.5, 180.6, 180.7]));

  it("come from text, one number a line, under a heading or not", () => {
    expect(readCameraTimes(text("1.5\n1.6\n"))).toEqual([1.5, 1.6]);
    expect(readCameraTimes(text("frame,seconds\r\n0,1.5\r\n1,1.6\r\n"))).toEqual([1.5, 1.6]);
  });

  it("are refused where a file holds none", () => {
    for (const bytes of [text("a,b\nc,d\n"), text("1\n"), npy([1, 2], "<c8"), npy([1, 2], "<f8", "(1, 2)"), npy([1, 2], "<f8", "(99,)"), text("")]) {
      expect(() => readCameraTimes(bytes)).toThrow(NoTimes);
    }
  });
});
