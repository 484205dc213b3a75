import { ActionIcon, Group, NumberInput, Select, Slider, Switch, Text, Tooltip } from "@mantine/core";
import { IconMaximize, IconPlayerPauseFilled, IconPlayerPlayFilled, IconPlayerSkipBack, IconPlayerSkipForward } from "@tabler/icons-react";
import type { ReactNode } from "react";

import { clockText, startOf, type FrameRate } from "@/core/frameClock";

import type { PlayerHandle } from "./PlayerCanvas";
import classes from "./viewer.module.css";

export interface Shown {
  names: boolean;
  edges: boolean;
  points: boolean;
}

interface Props {
  player: () => PlayerHandle | null;
  frame: number;
  frameCount: number;
  rate: FrameRate;
  playing: boolean;
  speed: number;
  threshold: number;
  show: Shown;
  onSpeed: (speed: number) => void;
  onThreshold: (threshold: number) => void;
  onShow: (show: Shown) => void;
}

const SPEEDS = ["0.1", "0.25", "0.5", "1", "2", "4"];

export function Transport(props: Props) {
  const { player, frame, frameCount, rate, playing, show } = props;
  return (
    <div className={classes.transport}>
      <Slider
        thumbLabel="Frame"
        min={0}
        max={Math.max(0, frameCount - 1)}
        value={frame}
        label={null}
        onChange={(value) => player()?.seek(value)}
        data-testid="timeline"
      />
      <Group justify="space-between" gap="md" wrap="wrap">
        <Group gap={2} wrap="nowrap">
          <TransportButton label="One frame back (,)" onClick={() => player()?.step(-1)}>
            <IconPlayerSkipBack size={18} />
          </TransportButton>
          <TransportButton label={playing ? "Pause (Space)" : "Play (Space)"} onClick={() => player()?.toggle()}>
            {playing ? <IconPlayerPauseFilled size={18} /> : <IconPlayerPlayFilled size={18} />}
          </TransportButton>
          <TransportButton label="One frame ahead (.)" onClick={() => player()?.step(1)}>
            <IconPlayerSkipForward size={18} />
          </TransportButton>
          <NumberInput
            aria-label="Frame number"
            w={92}
            ml="xs"
            min={0}
            max={frameCount - 1}
            value={frame}
            hideControls
            onChange={(value) => {
              if (typeof value === "number" && value !== frame) player()?.seek(value);
            }}
          />
          <Text size="sm" c="dimmed" ml={6} data-testid="clock">
            of {frameCount} · {clockText(startOf(frame, rate))} s
          </Text>
        </Group>
        <Group gap="lg">
          <Group gap="xs" wrap="nowrap">
            <Text size="sm">
              Likelihood at least {props.threshold.toFixed(2)}
            </Text>
            <Slider
              thumbLabel="Least likelihood"
              w={130}
              min={0}
              max={1}
              step={0.01}
              label={null}
              value={props.threshold}
              onChange={props.onThreshold}
              data-testid="threshold"
            />
          </Group>
          <Switch label="Points" checked={show.points} onChange={(e) => props.onShow({ ...show, points: e.currentTarget.checked })} />
          <Switch label="Skeleton" checked={show.edges} onChange={(e) => props.onShow({ ...show, edges: e.currentTarget.checked })} />
          <Switch label="Names" checked={show.names} onChange={(e) => props.onShow({ ...show, names: e.currentTarget.checked })} />
          <Select
            aria-label="Speed"
            w={84}
            data={SPEEDS.map((s) => ({ value: s, label: `${s}×` }))}
            value={String(props.speed)}
            allowDeselect={false}
            onChange={(value) => props.onSpeed(Number(value ?? "1"))}
          />
          <TransportButton label="Show the whole picture (0)" onClick={() => player()?.fit()}>
            <IconMaximize size={18} />
          </TransportButton>
        </Group>
      </Group>
    </div>
  );
}

function TransportButton({ label, onClick, children }: { label: string; onClick: () => void; children: ReactNode }) {
  return (
    <Tooltip label={label}>
      <ActionIcon aria-label={label} size="lg" onClick={onClick}>
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
