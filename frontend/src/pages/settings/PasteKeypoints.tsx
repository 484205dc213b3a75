import { Button, Group, Modal, Textarea } from "@mantine/core";
import { useState } from "react";

import { parseNames } from "@/core/keypointNames";
import { plural } from "@/core/format";

interface Props {
  opened: boolean;
  onClose: () => void;
  onNames: (names: string[]) => void;
}

export function PasteKeypoints({ opened, onClose, onNames }: Props) {
  const [text, setText] = useState("");
  const names = parseNames(text);
  return (
    <Modal opened={opened} onClose={onClose} title="Paste keypoint names">
      <Textarea
        label="Names"
        description="One a line, or separated by commas. Left and right partners are found from the names."
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        autosize
        minRows={6}
        maxRows={16}
        data-autofocus
      />
      <Group justify="flex-end" mt="md">
        <Button
          disabled={names.length === 0}
          onClick={() => {
            onNames(names);
            setText("");
          }}
        >
          Add {plural(names.length, "keypoint")}
        </Button>
      </Group>
    </Modal>
  );
}
