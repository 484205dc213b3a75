import { Group, Stack, Text } from "@mantine/core";

import { ErrorState } from "@/components/ErrorState";
import { LinkButton } from "@/components/LinkButton";
import { Pending } from "@/components/Pending";
import { plural } from "@/core/format";
import { useLabelFindings } from "@/data/review";
import { useSkeleton } from "@/data/projects";
import type { LabelFindings } from "@/data/types";

type Finding = LabelFindings["items"][number];

const SAYS: Record<Finding["kind"], (names: string) => string> = {
  swap: (names) => `${names} look exchanged`,
  bone: (names) => `${names} lie at an odd distance`,
  pose: (names) => `${names} lies where no other frame has it`,
};

/** Labels that are probably mistakes; each opens its frame. */
export function ChecksTab({ project }: { project: string }) {
  const found = useLabelFindings(project);
  const skeleton = useSkeleton(project).data;
  if (found.error && !found.data) return <ErrorState error={found.error} onRetry={() => void found.refetch()} />;
  if (!found.data) return <Pending />;
  const names = new Map(skeleton?.keypoints.map((keypoint) => [keypoint.id, keypoint.name]));
  if (found.data.items.length === 0) {
    return <Text c="dimmed">{plural(found.data.checked, "pose")} were compared, and none stands out.</Text>;
  }
  return (
    <Stack gap="xs">
      <Text c="dimmed">
        {plural(found.data.items.length, "label")} of {plural(found.data.checked, "pose")} to look at again, the oddest first.
      </Text>
      {found.data.items.map((one) => (
        <Group key={`${one.frame_id} ${one.kind} ${one.keypoint_ids.join()}`} wrap="nowrap">
          {one.thumbnail_url && <img src={one.thumbnail_url} alt="" width={72} loading="lazy" decoding="async" />}
          <Stack gap={0} flex={1} miw={0}>
            <Text className="truncate">{SAYS[one.kind](one.keypoint_ids.map((id) => names.get(id) ?? "a point").join(" and "))}</Text>
            <Text size="xs" c="dimmed" className="truncate">
              {one.video?.name ?? "image"} {one.frame_index !== null && `#${one.frame_index}`}
            </Text>
          </Stack>
          <LinkButton
            variant="default"
            size="xs"
            to="/projects/$projectId/label"
            params={{ projectId: project }}
            search={{ frame: one.frame_id }}
          >
            Open
          </LinkButton>
        </Group>
      ))}
    </Stack>
  );
}
