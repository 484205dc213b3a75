import { Button, Group, Modal, Text } from "@mantine/core";
import type { ReactNode } from "react";

interface Props {
  opened: boolean;
  onClose: () => void;
  onConfirm: () => void;
  busy?: boolean;
  title: string;
  children: ReactNode;
  confirm?: string;
}

export function AskDelete({ opened, onClose, onConfirm, busy = false, title, children, confirm = "Move to trash" }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title={title} size="sm">
      <Text>{children}</Text>
      <Group justify="flex-end" mt="lg" gap="xs">
        <Button variant="default" onClick={onClose} data-autofocus>
          Cancel
        </Button>
        <Button color="orange.8" loading={busy} onClick={onConfirm}>
          {confirm}
        </Button>
      </Group>
    </Modal>
  );
}
