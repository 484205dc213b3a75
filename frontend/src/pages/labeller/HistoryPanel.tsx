import { Button, CloseButton, Group, Skeleton, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { ErrorState } from "@/components/ErrorState";
import { dateTime, plural } from "@/core/format";
import type { Points } from "@/core/labels";
import { api, ok } from "@/data/client";
import { toPoints } from "@/data/labels";
import { notifyProblem } from "@/data/notify";

import classes from "./labeller.module.css";

interface Props {
  projectId: string;
  frameId: string;
  /** Changes when the frame is saved, so that the list is read again. */
  version: number;
  readOnly: boolean;
  onRestore: (version: number, points: Points) => void;
  onClose: () => void;
}

/** Who saved what of this frame; an earlier state comes back as an ordinary edit, which can be undone. */
export function HistoryPanel({ projectId, frameId, version: now, readOnly, onRestore, onClose }: Props) {
  const path = { project_id: projectId, frame_id: frameId };
  const list = useQuery({
    queryKey: ["label-history", frameId, now],
    queryFn: () => ok(api.GET("/api/v1/projects/{project_id}/frames/{frame_id}/labels/history", { params: { path, query: { limit: 100 } } })),
    placeholderData: (before) => before,
  });
  const restore = async (version: number) => {
    try {
      const params = { path: { ...path, version } };
      const then = await ok(api.GET("/api/v1/projects/{project_id}/frames/{frame_id}/labels/history/{version}", { params }));
      onRestore(version, toPoints(then.points));
    } catch (problem) {
      notifyProblem(problem);
    }
  };
  const items = list.data?.items ?? [];
  return (
    <Stack className={classes.panel} gap="xs" role="dialog" aria-label="History of this frame">
      <Group justify="space-between">
        <Text fw={600}>History of this frame</Text>
        <CloseButton size="sm" aria-label="Close history" onClick={onClose} />
      </Group>
      {list.isPending && <Skeleton height={80} />}
      {list.error && <ErrorState error={list.error} onRetry={() => void list.refetch()} />}
      {list.data && items.length === 0 && <Text c="dimmed">Nobody has labelled this frame yet.</Text>}
      <ol className={classes.history}>
        {items.map((save, index) => (
          <li key={save.version}>
            <div>
              <Text size="sm" className="truncate">
                {save.user ?? "Somebody"} · {plural(save.changes.length, "point")}
              </Text>
              <Text size="xs" c="dimmed">
                {dateTime(save.created_at)}
              </Text>
            </div>
            {index === 0 ? (
              <Text size="xs" c="dimmed">
                as it is
              </Text>
            ) : (
              !readOnly && (
                <Button size="compact-xs" variant="default" onClick={() => void restore(save.version)}>
                  Restore
                </Button>
              )
            )}
          </li>
        ))}
      </ol>
    </Stack>
  );
}
