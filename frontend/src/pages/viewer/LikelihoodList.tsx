import { Text } from "@mantine/core";

import { readPoint, readVariance, type PoseStore } from "@/core/poses";
import type { DrawnSkeleton } from "@/core/skeleton";
import { SIDE_OF_90 } from "@/core/trace";

import classes from "./viewer.module.css";

interface Props {
  skeleton: DrawnSkeleton;
  poses: PoseStore;
  /** Of an ensemble: how uncertain its points are. */
  variance: PoseStore | null;
  individuals: readonly string[];
  frame: number;
  threshold: number;
  /** What is known about the bands, such as that labels made them wider. */
  bands: string | null;
}

/** How sure the network is of every keypoint on this very frame; of an ensemble also within how many pixels. */
export function LikelihoodList({ skeleton, poses, variance, individuals, frame, threshold, bands }: Props) {
  const chunk = poses.peek(frame);
  return (
    <section aria-label="Likelihood of each keypoint">
      {individuals.map((individual, i) => (
        <section key={individual}>
          <Text size="sm" fw={600} px={6} pb={4}>
            {individuals.length > 1 ? individual : variance ? "Likelihood, 90 % within px" : "Likelihood"}
          </Text>
          {skeleton.keypoints.map((keypoint, k) => {
            const point = chunk === null ? null : readPoint(poses.shape, chunk, frame, i, k);
            const likelihood = point?.likelihood ?? 0;
            return (
              <div key={keypoint.id} className={classes.likelihood} data-hidden={likelihood < threshold} data-spread={variance !== null}>
                <span className={classes.dot} style={{ background: keypoint.color }} />
                <span className="truncate">{keypoint.name}</span>
                <span className={classes.meter}>
                  <span className={classes.fill} style={{ width: `${Math.round(Math.min(1, likelihood) * 100)}%` }} />
                </span>
                <span className={classes.number}>{likelihood.toFixed(2)}</span>
                {variance && <span className={classes.number}>{within(variance, frame, i, k)}</span>}
              </div>
            );
          })}
        </section>
      ))}
      {bands !== null && (
        <Text size="xs" c="dimmed" px={6} pt={4}>
          {bands}
        </Text>
      )}
    </section>
  );
}

function within(variance: PoseStore, frame: number, individual: number, keypoint: number): string {
  const chunk = variance.peek(frame);
  const read = chunk === null ? null : readVariance(variance.shape, chunk, frame, individual, keypoint);
  return read === null ? "–" : `±${(SIDE_OF_90 * Math.sqrt((read.x + read.y) / 2)).toFixed(1)}`;
}
