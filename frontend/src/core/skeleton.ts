/** The skeleton as the canvas needs it: keypoints in order, edges by position. */

export interface DrawnKeypoint {
  readonly id: string;
  readonly name: string;
  readonly color: string;
}

export interface DrawnSkeleton {
  readonly keypoints: readonly DrawnKeypoint[];
  /** Pairs of positions in `keypoints`. */
  readonly edges: readonly (readonly [number, number])[];
}

export function drawnSkeleton(
  keypoints: readonly DrawnKeypoint[],
  edgesByName: readonly (readonly [string, string])[],
): DrawnSkeleton {
  const position = new Map(keypoints.map((k, index) => [k.name, index]));
  const edges = edgesByName.flatMap(([a, b]) => {
    const [start, end] = [position.get(a), position.get(b)];
    return start === undefined || end === undefined ? [] : [[start, end] as const];
  });
  return { keypoints, edges };
}
