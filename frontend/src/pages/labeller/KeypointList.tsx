import { ActionIcon, Group, Select, Text, Tooltip } from "@mantine/core";
import { IconEyeOff, IconTrash, IconX } from "@tabler/icons-react";
import { useEffect, useRef } from "react";

import { pointKey, type PointKey, type Points } from "@/core/labels";
import type { DrawnKeypoint } from "@/core/skeleton";

import classes from "./labeller.module.css";

interface Props {
  keypoints: readonly DrawnKeypoint[];
  individuals: readonly { id: string; name: string }[];
  individual: string;
  points: Points;
  selected: PointKey | null;
  readOnly: boolean;
  onIndividual: (id: string) => void;
  onSelect: (key: PointKey) => void;
  onOccluded: () => void;
  onAbsent: () => void;
  onClear: () => void;
}

const STATE_TEXT = { visible: "", occluded: "occluded", absent: "absent" } as const;

export function KeypointList(props: Props) {
  const { keypoints, individuals, individual, points, selected, readOnly } = props;
  const done = keypoints.filter((k) => points.has(pointKey(individual, k.id))).length;
  const chosen = selected === null ? undefined : points.get(selected);
  return (
    <aside className={classes.keypoints} aria-label="Keypoints">
      {individuals.length > 1 && (
        <Select
          label="Animal"
          data={individuals.map((i) => ({ value: i.id, label: i.name }))}
          value={individual}
          allowDeselect={false}
          onChange={(id) => {
            if (id !== null) props.onIndividual(id);
          }}
        />
      )}
      <Group justify="space-between" className={classes.panelHead}>
        <Text fw={600} size="sm">
          Keypoints
        </Text>
        <Text size="xs" c="dimmed">
          {done} of {keypoints.length}
        </Text>
      </Group>
      <div className={classes.rows} role="listbox" aria-label="Keypoints of this frame">
        {keypoints.map((keypoint, index) => (
          <KeypointRow
            key={keypoint.id}
            keypoint={keypoint}
            index={index}
            state={points.get(pointKey(individual, keypoint.id))?.state ?? null}
            selected={selected === pointKey(individual, keypoint.id)}
            onSelect={() => props.onSelect(pointKey(individual, keypoint.id))}
          />
        ))}
      </div>
      {!readOnly && (
        <Group className={classes.stateBar} gap={4}>
          <StateButton label="Occluded (O)" active={chosen?.state === "occluded"} disabled={chosen?.x == null} onClick={props.onOccluded}>
            <IconEyeOff size={16} />
          </StateButton>
          <StateButton label="Absent (X)" active={chosen?.state === "absent"} disabled={selected === null} onClick={props.onAbsent}>
            <IconX size={16} />
          </StateButton>
          <StateButton label="Clear (Delete)" active={false} disabled={chosen === undefined} onClick={props.onClear}>
            <IconTrash size={16} />
          </StateButton>
        </Group>
      )}
    </aside>
  );
}

interface RowProps {
  keypoint: DrawnKeypoint;
  index: number;
  state: keyof typeof STATE_TEXT | null;
  selected: boolean;
  onSelect: () => void;
}

function KeypointRow({ keypoint, index, state, selected, onSelect }: RowProps) {
  const row = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (selected) row.current?.scrollIntoView({ block: "nearest" });
  }, [selected]);
  return (
    <button
      ref={row}
      type="button"
      role="option"
      aria-selected={selected}
      className={classes.row}
      data-state={state ?? "empty"}
      tabIndex={-1}
      onClick={onSelect}
    >
      <span className={classes.dot} style={{ borderColor: keypoint.color, background: state === "visible" ? keypoint.color : "transparent" }} />
      <span className="truncate">{keypoint.name}</span>
      <span className={classes.rowNote}>{state === null ? (index < 9 ? index + 1 : "") : STATE_TEXT[state]}</span>
    </button>
  );
}

interface StateButtonProps {
  label: string;
  active: boolean;
  disabled: boolean;
  onClick: () => void;
  children: React.ReactNode;
}

function StateButton({ label, active, disabled, onClick, children }: StateButtonProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon aria-label={label} variant={active ? "filled" : "default"} color={active ? "petrol" : "gray"} disabled={disabled} onClick={onClick}>
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
