import { ActionIcon, Group, Text, Tooltip } from "@mantine/core";
import { IconEyeOff, IconTrash, IconX } from "@tabler/icons-react";
import { memo, useEffect, useRef, type ReactNode } from "react";

import { absent, cleared, occluded } from "@/actions/changeState";
import { decimal } from "@/core/format";
import { pointKey, type PointKey, type Points } from "@/core/labels";
import type { Prelabels } from "@/core/prelabels";
import type { DrawnKeypoint } from "@/core/skeleton";

import classes from "./labeller.module.css";
import type { Act } from "./useAct";

interface Props {
  /** What chooses the animal. */
  children: ReactNode;
  keypoints: readonly DrawnKeypoint[];
  individual: string;
  points: Points;
  predicted: Prelabels;
  sure: number;
  /** How far a second person's points lie from these, in pixels; null while they are not compared. */
  apart: ReadonlyMap<PointKey, number> | null;
  selected: PointKey | null;
  readOnly: boolean;
  onSelect: (key: PointKey) => void;
  act: Act;
}

type RowState = "visible" | "occluded" | "absent" | "predicted" | "empty";

const STATE_TEXT: Record<RowState, string> = { visible: "", occluded: "occluded", absent: "absent", predicted: "", empty: "" };

export const KeypointList = memo(function KeypointList(props: Props) {
  const { children, keypoints, individual, points, predicted, selected, readOnly, onSelect, act } = props;
  const done = keypoints.filter((k) => points.has(pointKey(individual, k.id))).length;
  const chosen = selected === null ? undefined : points.get(selected);
  const guessed = selected !== null && predicted.points.has(selected);
  return (
    <aside className={classes.keypoints} aria-label="Keypoints" onMouseDown={keepFocus}>
      {children}
      <Group justify="space-between" className={classes.panelHead}>
        <Text fw={600} size="sm">
          Keypoints
        </Text>
        <Text size="xs" c="dimmed">
          {done} of {keypoints.length}
        </Text>
      </Group>
      <div className={classes.rows} role="listbox" aria-label="Keypoints of this frame">
        {keypoints.map((keypoint, index) => {
          const key = pointKey(individual, keypoint.id);
          const likelihood = predicted.points.get(key)?.likelihood;
          return (
            <KeypointRow
              key={keypoint.id}
              id={key}
              keypoint={keypoint}
              index={index}
              state={points.get(key)?.state ?? (likelihood === undefined ? "empty" : "predicted")}
              likelihood={likelihood}
              apart={props.apart?.get(key)}
              doubtful={likelihood !== undefined && likelihood < props.sure}
              selected={selected === key}
              onSelect={onSelect}
            />
          );
        })}
      </div>
      {!readOnly && (
        <Group className={classes.stateBar} gap={4}>
          <StateButton label="Occluded (O)" active={chosen?.state === "occluded"} disabled={chosen?.x == null && !guessed} onClick={() => act((c) => occluded.run(c, "O"))}>
            <IconEyeOff size={16} />
          </StateButton>
          <StateButton label="Absent (X)" active={chosen?.state === "absent"} disabled={selected === null} onClick={() => act((c) => absent.run(c, "X"))}>
            <IconX size={16} />
          </StateButton>
          <StateButton label="Clear (Delete)" active={false} disabled={chosen === undefined} onClick={() => act((c) => cleared.run(c, "Delete"))}>
            <IconTrash size={16} />
          </StateButton>
        </Group>
      )}
    </aside>
  );
});

/** Keys keep going to the image after a press on a button; text fields still get the focus. */
function keepFocus(event: React.MouseEvent): void {
  if (event.target instanceof HTMLInputElement) return;
  event.preventDefault();
}

interface RowProps {
  id: PointKey;
  keypoint: DrawnKeypoint;
  index: number;
  state: RowState;
  likelihood: number | undefined;
  apart: number | undefined;
  doubtful: boolean;
  selected: boolean;
  onSelect: (key: PointKey) => void;
}

const KeypointRow = memo(function KeypointRow({ id, keypoint, index, state, likelihood, apart, doubtful, selected, onSelect }: RowProps) {
  const row = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (selected) row.current?.scrollIntoView({ block: "nearest" });
  }, [selected]);
  const difference = apart === undefined ? "" : `${decimal(apart)} px`;
  const note = difference !== "" ? difference : state === "predicted" ? (likelihood ?? 0).toFixed(2) : STATE_TEXT[state];
  return (
    <button
      ref={row}
      type="button"
      role="option"
      aria-selected={selected}
      className={classes.row}
      data-state={state}
      data-doubtful={(state === "predicted" && doubtful) || undefined}
      tabIndex={-1}
      onClick={() => onSelect(id)}
    >
      <span className={classes.dot} style={{ borderColor: keypoint.color, background: state === "visible" ? keypoint.color : "transparent" }} />
      <span className="truncate">{keypoint.name}</span>
      <span className={classes.rowNote}>{note || (state === "empty" && index < 9 ? index + 1 : "")}</span>
    </button>
  );
});

interface StateButtonProps {
  label: string;
  active: boolean;
  disabled: boolean;
  onClick: () => void;
  children: ReactNode;
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
