import { Checkbox, Group, Stack, Text, UnstyledButton } from "@mantine/core";

import classes from "./ensembles.module.css";

interface Props {
  label: string;
  description?: string;
  options: readonly { value: string; label: string; note?: string }[];
  chosen: readonly string[];
  onChoose: (chosen: string[]) => void;
}

/** Check boxes in a frame that scrolls, with one click for all of them. */
export function Choice({ label, description, options, chosen, onChoose }: Props) {
  const all = options.length > 0 && chosen.length === options.length;
  return (
    <div>
      <Group justify="space-between" mb={4}>
        <Text fw={500}>{label}</Text>
        {options.length > 1 && (
          <UnstyledButton fz="xs" c="petrol" onClick={() => onChoose(all ? [] : options.map((one) => one.value))}>
            {all ? "None" : "All"}
          </UnstyledButton>
        )}
      </Group>
      {description && (
        <Text size="xs" c="dimmed" mb={6}>
          {description}
        </Text>
      )}
      <Checkbox.Group value={[...chosen]} onChange={onChoose} aria-label={label} className={classes.choice}>
        <Stack gap={8}>
          {options.map((one) => (
            <Checkbox key={one.value} value={one.value} label={one.note ? `${one.label} · ${one.note}` : one.label} />
          ))}
        </Stack>
      </Checkbox.Group>
    </div>
  );
}
