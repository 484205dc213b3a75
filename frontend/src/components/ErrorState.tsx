import { Button, Code, CopyButton, Group, Stack, Text } from "@mantine/core";
import { IconAlertTriangle, IconRefresh } from "@tabler/icons-react";

import { asProblem } from "@/data/problem";

interface Props {
  error: unknown;
  onRetry?: () => void;
}

/** What failed, a way to try again, and the request id to send along with a question. */
export function ErrorState({ error, onRetry }: Props) {
  const problem = asProblem(error);
  const { requestId } = problem;
  return (
    <Stack align="center" justify="center" gap="xs" p="xl" role="alert" mih={220}>
      <IconAlertTriangle size={28} color="var(--tb-bad)" stroke={1.5} />
      <Text fw={600}>{problem.title}</Text>
      {problem.detail && (
        <Text c="dimmed" ta="center" maw={460}>
          {problem.detail}
        </Text>
      )}
      <Group gap="xs" mt={4}>
        {onRetry && problem.status !== 403 && problem.status !== 404 && (
          <Button variant="default" leftSection={<IconRefresh size={14} />} onClick={onRetry}>
            Try again
          </Button>
        )}
        {requestId !== null && (
          <CopyButton value={requestId}>
            {({ copied, copy }) => (
              <Button variant="subtle" color="gray" onClick={copy}>
                {copied ? "Copied" : "Copy request id"}&nbsp;<Code>{requestId.slice(0, 8)}</Code>
              </Button>
            )}
          </CopyButton>
        )}
      </Group>
    </Stack>
  );
}
