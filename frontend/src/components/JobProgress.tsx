import { Group, Progress, Text } from "@mantine/core";

import { count, duration } from "@/core/format";
import type { Job } from "@/data/types";

/** A job's bar with what it does at present and how long it may take; null where it has nothing to tell. */
export function JobProgress({ job, width = "100%" }: { job: Job; width?: number | string }) {
  const { done, total, eta_s: eta, stage } = job.progress;
  const known = done !== undefined && total !== undefined && total > 0;
  if (job.state !== "running" && job.state !== "cancelling") return null;
  return (
    <div style={{ width }}>
      <Progress value={known ? (100 * done) / total : 100} animated={!known} aria-label={job.title} />
      <Group justify="space-between" gap="xs" mt={3} wrap="nowrap">
        <Text size="xs" c="dimmed" className="truncate">
          {[stage, known ? `${count(done)} / ${count(total)}` : null].filter(Boolean).join(" · ")}
        </Text>
        {eta !== undefined && eta !== null && (
          <Text size="xs" c="dimmed" style={{ whiteSpace: "nowrap" }}>
            {duration(eta)} left
          </Text>
        )}
      </Group>
    </div>
  );
}
