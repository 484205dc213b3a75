import { ActionIcon, Button, Group, Select, Stack, Text } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useState } from "react";

import { toggleEdge } from "@/core/skeletonDraft";

import type { DraftProps } from "./KeypointTable";
import classes from "./SettingsPage.module.css";

/** The lines drawn between keypoints. */
export function EdgeEditor({ draft, onChange, readOnly }: DraftProps) {
  const [from, setFrom] = useState<string | null>(null);
  const [to, setTo] = useState<string | null>(null);
  const names = [...new Set(draft.keypoints.map((keypoint) => keypoint.name).filter((name) => name !== ""))];
  const add = () => {
    if (from === null || to === null) return;
    onChange(toggleEdge(draft, [from, to]));
    setFrom(to);
    setTo(null);
  };
  return (
    <Stack gap="xs">
      <Text fw={600}>Edges</Text>
      <Group gap={6}>
        {draft.edges.length === 0 && <Text c="dimmed">No lines between keypoints yet.</Text>}
        {draft.edges.map((edge) => (
          <span key={edge.join("\n")} className={classes.edge}>
            {edge[0]} – {edge[1]}
            {!readOnly && (
              <ActionIcon size="xs" aria-label={`Remove edge ${edge[0]} to ${edge[1]}`} onClick={() => onChange(toggleEdge(draft, edge))}>
                <IconX size={12} />
              </ActionIcon>
            )}
          </span>
        ))}
      </Group>
      {!readOnly && names.length > 1 && (
        <Group gap="xs">
          <Select size="xs" w={180} placeholder="From" aria-label="Edge from" data={names} value={from} onChange={setFrom} searchable />
          <Select size="xs" w={180} placeholder="To" aria-label="Edge to" data={names.filter((name) => name !== from)} value={to} onChange={setTo} searchable />
          <Button variant="default" disabled={from === null || to === null} onClick={add}>
            Add edge
          </Button>
        </Group>
      )}
    </Stack>
  );
}
