import { Stack, Table, Text } from "@mantine/core";

import { ErrorState } from "@/components/ErrorState";
import { Pending } from "@/components/Pending";
import { decimal, plural } from "@/core/format";
import { useProgress, useRaters } from "@/data/review";
import { useSkeleton } from "@/data/projects";

const COLUMNS = ["todo", "draft", "returned", "submitted", "accepted", "labelled"] as const;
const HEADS = ["To do", "Draft", "Returned", "Submitted", "Accepted", "Worked on"];

/** Who has which frames, and how far two people's points of the same frame lie apart. */
export function PeopleTab({ project }: { project: string }) {
  const progress = useProgress(project);
  if (progress.error && !progress.data) return <ErrorState error={progress.error} onRetry={() => void progress.refetch()} />;
  if (!progress.data) return <Pending />;
  return (
    <Stack gap="lg">
      <Table aria-label="Progress by person">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Person</Table.Th>
            {HEADS.map((head) => (
              <Table.Th key={head}>{head}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {progress.data.map((person) => (
            <Table.Tr key={person.user_id}>
              <Table.Td>{person.name}</Table.Td>
              {COLUMNS.map((column) => (
                <Table.Td key={column}>{person[column]}</Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Raters project={project} />
    </Stack>
  );
}

function Raters({ project }: { project: string }) {
  const raters = useRaters(project).data;
  const skeleton = useSkeleton(project).data;
  if (!raters) return null;
  if (raters.points === 0) {
    return <Text c="dimmed">Ask a second person to label some finished frames: how far the two differ is the best any network can do.</Text>;
  }
  const names = new Map(skeleton?.keypoints.map((keypoint) => [keypoint.id, keypoint.name]));
  return (
    <Stack gap="xs">
      <Text>
        Two people differ by {decimal(raters.mean_px)} px in the mean ({plural(raters.points, "point")}; one calls absent what the other placed in{" "}
        {raters.disputed}).
      </Text>
      <Table aria-label="Difference between two people">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Keypoint</Table.Th>
            <Table.Th>Mean px</Table.Th>
            <Table.Th>Median px</Table.Th>
            <Table.Th>Points</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {raters.keypoints.map((one) => (
            <Table.Tr key={one.keypoint_id}>
              <Table.Td>{names.get(one.keypoint_id)}</Table.Td>
              <Table.Td>{decimal(one.mean_px)}</Table.Td>
              <Table.Td>{decimal(one.median_px)}</Table.Td>
              <Table.Td>{one.points}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Stack>
  );
}
