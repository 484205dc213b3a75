import { Button, Checkbox, CloseButton, Group, SegmentedControl, Slider, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";

import { USUAL, type Look } from "@/core/look";

import classes from "./labeller.module.css";

interface Props {
  look: Look;
  onChange: (next: Look) => void;
  onClose: () => void;
}

type Number = "brightness" | "contrast" | "size" | "sure";

const SLIDERS: readonly { what: Number; label: string; min: number; max: number; step: number }[] = [
  { what: "brightness", label: "Brightness", min: 0.3, max: 3, step: 0.05 },
  { what: "contrast", label: "Contrast", min: 0.3, max: 3, step: 0.05 },
  { what: "size", label: "Size of points", min: 2, max: 14, step: 0.5 },
  { what: "sure", label: "Predictions are sure from", min: 0, max: 1, step: 0.05 },
];

/** How image and points are shown; kept in this browser. */
export function DisplayPanel({ look, onChange, onClose }: Props) {
  const set = (change: Partial<Look>) => onChange({ ...look, ...change });
  return (
    <Stack className={classes.panel} gap="xs" role="dialog" aria-label="Display">
      <Group justify="space-between">
        <Text fw={600}>Display</Text>
        <CloseButton size="sm" aria-label="Close display" onClick={onClose} />
      </Group>
      {SLIDERS.map(({ what, label, ...range }) => (
        <Row key={what} label={label} note={look[what].toFixed(2)}>
          <Slider thumbLabel={label} label={null} {...range} value={look[what]} onChange={(value) => set({ [what]: value })} />
        </Row>
      ))}
      <Group gap="lg">
        <Checkbox label="Names" checked={look.names} onChange={(event) => set({ names: event.currentTarget.checked })} />
        <Checkbox label="Skeleton" checked={look.edges} onChange={(event) => set({ edges: event.currentTarget.checked })} />
      </Group>
      <Row label="Colour by">
        <SegmentedControl
          fullWidth
          aria-label="Colour by"
          data={[
            { value: "keypoint", label: "Keypoint" },
            { value: "animal", label: "Animal" },
          ]}
          value={look.color}
          onChange={(color) => set({ color })}
        />
      </Row>
      <Row label="A new frame shows">
        <SegmentedControl
          fullWidth
          aria-label="A new frame shows"
          data={[
            { value: "image", label: "Image" },
            { value: "animal", label: "Animal" },
            { value: "stay", label: "Same place" },
          ]}
          value={look.zoom}
          onChange={(zoom) => set({ zoom })}
        />
      </Row>
      <Row label="The wheel, or two fingers">
        <SegmentedControl
          fullWidth
          aria-label="The wheel, or two fingers"
          data={[
            { value: "zoom", label: "Zoom" },
            { value: "pan", label: "Move the image" },
          ]}
          value={look.wheel}
          onChange={(wheel) => set({ wheel })}
        />
      </Row>
      <Button variant="default" onClick={() => onChange(USUAL)}>
        As usual
      </Button>
    </Stack>
  );
}

function Row({ label, note, children }: { label: string; note?: string; children: ReactNode }) {
  return (
    <div>
      <Group justify="space-between" mb={2}>
        <Text size="xs">{label}</Text>
        {note !== undefined && (
          <Text size="xs" c="dimmed">
            {note}
          </Text>
        )}
      </Group>
      {children}
    </div>
  );
}
