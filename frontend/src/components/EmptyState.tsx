import { Stack, Text } from "@mantine/core";
import type { ComponentType, ReactNode } from "react";

interface Props {
  icon: ComponentType<{ size?: number; stroke?: number; color?: string }>;
  children: ReactNode;
  action?: ReactNode;
}

/** One sentence and one button. */
export function EmptyState({ icon: Icon, children, action }: Props) {
  return (
    <Stack align="center" justify="center" gap="md" p="xl" mih={280} flex={1}>
      <Icon size={36} stroke={1.2} color="var(--tb-muted)" />
      <Text c="dimmed" ta="center" maw={420} size="md">
        {children}
      </Text>
      {action}
    </Stack>
  );
}
