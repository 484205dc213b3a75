import { ActionIcon, Button, Group, Progress, SegmentedControl, Text, Tooltip } from "@mantine/core";
import { IconAdjustments, IconArrowBackUp, IconArrowForwardUp, IconArrowLeft, IconHistory, IconKeyboard, IconMaximize, IconTarget, IconTrendingDown } from "@tabler/icons-react";
import { memo, type ReactNode } from "react";

import type { LabelSession } from "@/core/labelSession";
import type { FrameState } from "@/data/types";

import { frameTitle } from "./FrameQueue";
import classes from "./labeller.module.css";
import type { QueuedFrame } from "./queuedFrame";
import { SaveIndicator } from "./SaveIndicator";
import type { Act } from "./useAct";

interface Props {
  frame: QueuedFrame | null;
  position: number;
  total: number;
  more: boolean;
  filter: FrameState | null;
  session: LabelSession;
  undoLabel: string | null;
  redoLabel: string | null;
  through: boolean;
  act: Act;
  readOnly: boolean;
  /** Brings in a later round of predictions; null where there is none. */
  onNewPredictions: (() => void) | null;
  /** Whether these are the labels of a second rater, and whether there are frames for that. */
  own: boolean;
  secondTime: boolean;
  onSet: (own: boolean) => void;
  onFilter: (state: FrameState | null) => void;
  onBack: () => void;
}

export function LabellerBar({ frame, position, total, more, session, onNewPredictions, own, secondTime, onSet, onBack, ...tools }: Props) {
  return (
    <header className={classes.bar} onMouseDown={(event) => event.preventDefault()}>
      <IconButton label="Back to the frames" onClick={onBack}>
        <IconArrowLeft size={18} />
      </IconButton>
      <div className={classes.title}>
        <Text size="sm" fw={600} className="truncate">
          {frame === null ? "Label" : frameTitle(frame)}
        </Text>
      </div>
      {onNewPredictions !== null && (
        <Button size="compact-xs" variant="light" onClick={onNewPredictions} className={classes.submit}>
          New predictions
        </Button>
      )}
      {secondTime && (
        <Button size="compact-xs" variant={own ? "filled" : "light"} aria-pressed={own} onClick={() => onSet(!own)} className={classes.submit}>
          {own ? "My own points, as second person" : "Label as second person"}
        </Button>
      )}
      <SaveIndicator session={session} />
      <Group gap={8} wrap="nowrap" className={classes.progress}>
        <Text size="sm" c="dimmed" data-testid="position">
          {total === 0 ? "0" : position + 1} of {total}
          {more ? "+" : ""}
        </Text>
        <Progress w={64} value={total === 0 ? 0 : ((position + 1) / total) * 100} aria-label="Place in the queue" />
      </Group>
      <Tools {...tools} open={frame !== null} />
    </header>
  );
}

interface ToolProps extends Pick<Props, "filter" | "undoLabel" | "redoLabel" | "through" | "act" | "readOnly" | "onFilter"> {
  open: boolean;
}

const Tools = memo(function Tools({ filter, through, act, readOnly, onFilter, open, undoLabel, redoLabel }: ToolProps) {
  return (
    <>
      <SegmentedControl
        aria-label="Which frames"
        data={[
          { value: "all", label: "All" },
          { value: "todo", label: "To do" },
          { value: "draft", label: "Started" },
          { value: "submitted", label: "Submitted" },
        ]}
        value={filter ?? "all"}
        onChange={(value) => onFilter(value === "all" ? null : value)}
      />
      <Group gap={2} wrap="nowrap">
        <IconButton label={`Undo ${undoLabel ?? ""} (Ctrl+Z)`} disabled={undoLabel === null} onClick={() => act((c) => c.undo())}>
          <IconArrowBackUp size={18} />
        </IconButton>
        <IconButton label={`Redo ${redoLabel ?? ""} (Ctrl+Shift+Z)`} disabled={redoLabel === null} onClick={() => act((c) => c.redo())}>
          <IconArrowForwardUp size={18} />
        </IconButton>
        <IconButton label="Show the whole image (0)" onClick={() => act((c) => c.fit())}>
          <IconMaximize size={18} />
        </IconButton>
        <IconButton label="One keypoint through many frames (M)" pressed={through} onClick={() => act((c) => c.toggle("through"))}>
          <IconTarget size={18} />
        </IconButton>
        <IconButton label="Brightness, contrast, colours (B)" onClick={() => act((c) => c.toggle("display"))}>
          <IconAdjustments size={18} />
        </IconButton>
        <IconButton label="History of this frame (Y)" onClick={() => act((c) => c.toggle("history"))}>
          <IconHistory size={18} />
        </IconButton>
        <IconButton label="What the labels bring (I)" onClick={() => act((c) => c.toggle("learning"))}>
          <IconTrendingDown size={18} />
        </IconButton>
        <IconButton label="Keys (?)" onClick={() => act((c) => c.toggle("help"))}>
          <IconKeyboard size={18} />
        </IconButton>
      </Group>
      {!readOnly && (
        <Button disabled={!open} onClick={() => act((c) => c.submit())} className={classes.submit}>
          {through ? "Next frame" : "Submit and next"}
        </Button>
      )}
    </>
  );
});

interface IconButtonProps {
  label: string;
  disabled?: boolean;
  pressed?: boolean;
  onClick: () => void;
  children: ReactNode;
}

function IconButton({ label, disabled = false, pressed, onClick, children }: IconButtonProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon
        aria-label={label}
        {...(pressed === undefined ? {} : { "aria-pressed": pressed, variant: pressed ? "filled" : "subtle", color: pressed ? "petrol" : "gray" })}
        disabled={disabled}
        onClick={onClick}
      >
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
