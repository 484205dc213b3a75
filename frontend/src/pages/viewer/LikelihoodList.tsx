import { Text } from "@mantine/core";

import { readPoint, type PoseStore } from "@/core/poses";
import type { DrawnSkeleton } from "@/core/skeleton";

import classes from "./viewer.module.css";

interface Props {
  skeleton: DrawnSkeleton;
  poses: PoseStore;
  individuals: readonly string[];
  frame: number;
  threshold: number;
}

/** How sure the network is of every keypoint on this very frame. */
export function LikelihoodList({ skeleton, poses, individuals, frame, threshold }: Props) {
  const chunk = poses.peek(frame);
  return (
    <aside className={classes.side} aria-label="Likelihood of each keypoint">
      {individuals.map((individual, i) => (
        <section key={individual}>
          <Text size="sm" fw={600} px={6} pb={4}>
            {individuals.length > 1 ? individual : "Likelihood"}
          </Text>
          {skeleton.keypoints.map((keypoint, k) => {
            const point = chunk === null ? null : readPoint(poses.shape, chunk, frame, i, k);
            const likelihood = point?.likelihood ?? 0;
            return (
              <div key={keypoint.id} className={classes.likelihood} data-hidden={likelihood < threshold}>
                <span className={classes.dot} style={{ background: keypoint.color }} />
                <span className="truncate">{keypoint.name}</span>
                <span className={classes.meter}>
                  <span className={classes.fill} style={{ width: `${Math.round(Math.min(1, likelihood) * 100)}%` }} />
                </span>
                <span className={classes.number}>{likelihood.toFixed(2)}</span>
              </div>
            );
          })}
        </section>
      ))}
    </aside>
  );
}
