import { ActionIcon, Button, Checkbox, Group, Stack, Text, TextInput } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useState } from "react";

import { addView, removeView } from "@/core/skeletonDraft";

import type { DraftProps } from "./KeypointTable";
import classes from "./SettingsPage.module.css";

/** Cameras, and mirrors within one image. */
export function ViewEditor({ draft, onChange, readOnly }: DraftProps) {
  const [name, setName] = useState("");
  const setMirrored = (view: string, mirrored: boolean) =>
    onChange({ ...draft, views: draft.views.map((one) => (one.name === view ? { ...one, mirrored } : one)) });
  const add = () => {
    onChange(addView(draft, name.trim()));
    setName("");
  };
  return (
    <Stack gap="xs">
      <div>
        <Text fw={600}>Views</Text>
        <Text c="dimmed">Cameras of a recording, or mirrors that show the animal from another side within one image.</Text>
      </div>
      {draft.views.map((view) => (
        <Group key={view.name} gap="sm">
          <span className={classes.edge}>
            {view.name}
            {!readOnly && (
              <ActionIcon size="xs" aria-label={`Remove view ${view.name}`} onClick={() => onChange(removeView(draft, view.name))}>
                <IconX size={12} />
              </ActionIcon>
            )}
          </span>
          <Checkbox
            label="mirror within one image"
            checked={view.mirrored}
            disabled={readOnly}
            onChange={(event) => setMirrored(view.name, event.currentTarget.checked)}
          />
        </Group>
      ))}
      {!readOnly && (
        <Group gap="xs">
          <TextInput size="xs" w={180} placeholder="Name, e.g. bottom" aria-label="Name of the view" value={name} onChange={(event) => setName(event.currentTarget.value)} />
          <Button variant="default" disabled={name.trim() === ""} onClick={add}>
            Add view
          </Button>
        </Group>
      )}
    </Stack>
  );
}
