import { Group, Stack, Text } from "@mantine/core";

import { StateTag } from "@/components/StateTag";
import { count } from "@/core/format";
import type { JobPart } from "@/data/types";

/** The jobs that another one waits for, each with its state and how far it is. */
export function Parts({ parts }: { parts: readonly JobPart[] }) {
  return (
    <Stack gap={4} role="list" aria-label="Parts">
      {parts.map((part) => {
        const { done, total } = part.progress;
        return (
          <Group key={part.id} gap="sm" wrap="nowrap" role="listitem">
            <Text className="truncate" flex={1} title={part.error_detail ?? part.title}>
              {part.title}
            </Text>
            {part.state === "running" && done !== undefined && total !== undefined && (
              <Text size="xs" c="dimmed">
                {count(done)} / {count(total)}
              </Text>
            )}
            <StateTag state={part.state} />
          </Group>
        );
      })}
    </Stack>
  );
}
