import { Button, Slider, Stack, Text } from "@mantine/core";

import type { Adjustment } from "@/canvas/stage";

import classes from "./labeller.module.css";

export function AdjustPanel({ value, onChange }: { value: Adjustment; onChange: (next: Adjustment) => void }) {
  const slider = (what: keyof Adjustment, label: string) => (
    <div>
      <Text size="xs">{label}</Text>
      <Slider aria-label={label} min={0.3} max={3} step={0.05} value={value[what]} onChange={(v) => onChange({ ...value, [what]: v })} />
    </div>
  );
  return (
    <Stack className={classes.adjust} gap="xs">
      {slider("brightness", "Brightness")}
      {slider("contrast", "Contrast")}
      <Button variant="default" onClick={() => onChange({ brightness: 1, contrast: 1 })}>
        Reset
      </Button>
    </Stack>
  );
}
