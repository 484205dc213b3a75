import { Button, CloseButton, Group, Stack, Text, TextInput } from "@mantine/core";
import { useState, type KeyboardEvent } from "react";

import classes from "./labeller.module.css";

interface Props {
  title: string;
  /** What the typed reason is called. */
  label: string;
  /** Common reasons, chosen by their number. */
  reasons: readonly string[];
  onReason: (reason: string) => void;
  onClose: () => void;
}

const LONGEST = 1000;

/** Asks why, by one key for the common reasons or in words. */
export function ReasonPanel({ title, label, reasons, onReason, onClose }: Props) {
  const [words, setWords] = useState("");
  const key = (event: KeyboardEvent) => {
    // The keys of the label page wait while this asks.
    event.stopPropagation();
    if (event.key === "Escape") onClose();
    const reason = words === "" ? reasons[Number(event.key) - 1] : undefined;
    if (reason === undefined) return;
    event.preventDefault();
    onReason(reason);
  };
  return (
    <Stack className={classes.panel} gap="xs" role="dialog" aria-label={title} onKeyDown={key}>
      <Group justify="space-between">
        <Text fw={600}>{title}</Text>
        <CloseButton size="sm" aria-label="Close" onClick={onClose} />
      </Group>
      {reasons.map((reason, index) => (
        <Button key={reason} variant="default" justify="flex-start" leftSection={<Text c="dimmed">{index + 1}</Text>} onClick={() => onReason(reason)}>
          {reason}
        </Button>
      ))}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (words.trim() !== "") onReason(words.trim());
        }}
      >
        <TextInput label={label} autoFocus maxLength={LONGEST} value={words} onChange={(event) => setWords(event.currentTarget.value)} />
      </form>
    </Stack>
  );
}
