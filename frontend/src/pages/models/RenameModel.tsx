import { Button, Group, Modal, TextInput } from "@mantine/core";
import { useState } from "react";

import { useRenameModel } from "@/data/models";
import type { Model } from "@/data/types";

interface Props {
  project: string;
  model: Model;
  opened: boolean;
  onClose: () => void;
}

export function RenameModel({ project, model, opened, onClose }: Props) {
  const [name, setName] = useState(model.name);
  const rename = useRenameModel(project, onClose);
  return (
    <Modal opened={opened} onClose={onClose} title="Rename model" size="sm">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          rename.mutate({ id: model.id, name: name.trim() });
        }}
      >
        <TextInput label="Name" value={name} onChange={(event) => setName(event.currentTarget.value)} maxLength={120} data-autofocus />
        <Group justify="flex-end" mt="md" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={rename.isPending} disabled={name.trim() === ""}>
            Save
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
