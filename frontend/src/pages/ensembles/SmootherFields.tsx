import { Accordion, Checkbox, Group, NumberInput, Radio, SegmentedControl, Stack, Switch, Text } from "@mantine/core";

import type { Smoother, SmoothSpec } from "@/data/types";

import classes from "./ensembles.module.css";
import { settingsFor } from "./smoothing";

interface Props {
  smoothers: readonly Smoother[];
  value: SmoothSpec;
  onChange: (value: SmoothSpec) => void;
}

/** The way to smooth as cards; the finer settings lie in a fold, for the defaults suit most. */
export function SmootherFields({ smoothers, value, onChange }: Props) {
  const usable = smoothers.filter((one) => one.unavailable === null);
  const others = smoothers.filter((one) => one.unavailable !== null);
  const choose = (method: string) => {
    const smoother = usable.find((one) => one.method === method);
    if (smoother) onChange(settingsFor(smoother));
  };
  return (
    <Stack gap="xs">
      <Radio.Group value={value.method} onChange={choose} aria-label="How to smooth">
        <Stack gap="xs">
          {usable.map((one) => (
            <Radio.Card key={one.method} value={one.method} className={classes.card}>
              <Group wrap="nowrap" align="flex-start" gap="sm">
                <Radio.Indicator mt={2} />
                <div>
                  <Text fw={600}>
                    {one.title}
                    {one.suggested && (
                      <Text span c="dimmed" fw={400}>
                        {" "}
                        · suggested
                      </Text>
                    )}
                  </Text>
                  <Text c="dimmed">{one.description}</Text>
                </div>
              </Group>
            </Radio.Card>
          ))}
        </Stack>
      </Radio.Group>
      <Accordion variant="contained" chevronPosition="left">
        <Accordion.Item value="advanced">
          <Accordion.Control>Advanced smoothing settings</Accordion.Control>
          <Accordion.Panel>
            <Advanced smoother={usable.find((one) => one.method === value.method)} value={value} onChange={onChange} />
            {others.length > 0 && (
              <Stack gap={2} mt="md">
                {others.map((one) => (
                  <Text key={one.method} size="xs" c="dimmed">
                    {one.title}: {one.unavailable}
                  </Text>
                ))}
              </Stack>
            )}
          </Accordion.Panel>
        </Accordion.Item>
      </Accordion>
    </Stack>
  );
}

interface AdvancedProps {
  smoother: Smoother | undefined;
  value: SmoothSpec;
  onChange: (value: SmoothSpec) => void;
}

function Advanced({ smoother, value, onChange }: AdvancedProps) {
  const set = (change: Partial<SmoothSpec>) => onChange({ ...value, ...change });
  const choosable = value.method === "mirrored" || value.method === "multiview" || value.method === "calibrated";
  return (
    <Stack gap="sm">
      {value.method !== "median" && value.method !== "pupil" && <Strength value={value.smoothing ?? null} onChange={(smoothing) => set({ smoothing })} />}
      {value.method === "median" && (
        <NumberInput label="Frames in the median" description="An odd number; more frames smooth more." min={1} max={1001} step={2} value={value.window} onChange={(window) => set({ window: Number(window) || 5 })} />
      )}
      {choosable && (
        <Checkbox.Group label="Views to use" description="Leave out a camera that was moved or badly calibrated." value={value.views} onChange={(views) => set({ views })}>
          <Group mt={6}>
            {smoother?.views.map((view) => (
              <Checkbox key={view} value={view} label={view} />
            ))}
          </Group>
        </Checkbox.Group>
      )}
      {(choosable || value.method === "paw") && (
        <Switch
          label="Trust a view less where it contradicts the others"
          checked={value.inflate}
          onChange={(event) => set({ inflate: event.currentTarget.checked })}
        />
      )}
      {(value.method === "mirrored" || value.method === "multiview" || value.method === "paw") && (
        <NumberInput
          label="Frames that relate the views (%)"
          description="Those where the networks agree most."
          min={1}
          max={100}
          value={value.quantile}
          onChange={(quantile) => set({ quantile: Number(quantile) || 50 })}
        />
      )}
      <Group grow align="flex-start">
        <NumberInput
          label="Take points as missing below likelihood"
          min={0}
          max={1}
          step={0.05}
          decimalScale={2}
          value={value.min_likelihood}
          onChange={(least) => set({ min_likelihood: Number(least) || 0 })}
        />
        <NumberInput
          label="Leave gaps empty beyond (frames)"
          placeholder="bridge all"
          min={0}
          value={value.longest_gap ?? ""}
          onChange={(gap) => set({ longest_gap: gap === "" ? null : Number(gap) })}
        />
      </Group>
    </Stack>
  );
}

const STRENGTHS = [
  { value: "auto", label: "Found from the video" },
  { value: "fixed", label: "Fixed" },
];
const USUAL = 10;

function Strength({ value, onChange }: { value: number | null; onChange: (value: number | null) => void }) {
  return (
    <div>
      <Text fw={500} mb={4}>
        How much to smooth
      </Text>
      <Group gap="sm">
        <SegmentedControl
          aria-label="How much to smooth"
          data={STRENGTHS}
          value={value === null ? "auto" : "fixed"}
          onChange={(chosen) => onChange(chosen === "auto" ? null : USUAL)}
        />
        {value !== null && (
          <NumberInput aria-label="Smoothing parameter" w={110} min={0.000001} value={value} onChange={(number) => onChange(Number(number) || USUAL)} />
        )}
      </Group>
      <Text size="xs" c="dimmed" mt={4}>
        {value === null ? "Each keypoint gets what makes its own movement most likely." : "A larger number follows fast movement more closely; a smaller one is smoother."}
      </Text>
    </div>
  );
}
