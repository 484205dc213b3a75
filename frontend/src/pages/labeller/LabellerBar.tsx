import { ActionIcon, Button, Group, Progress, SegmentedControl, Text, Tooltip } from "@mantine/core";
import { IconAdjustments, IconArrowBackUp, IconArrowForwardUp, IconArrowLeft, IconHistory, IconKeyboard, IconMaximize, IconTarget } from "@tabler/icons-react";
import type { ReactNode } from "react";

import type { LabelContext } from "@/actions/action";
import type { SessionSnapshot } from "@/core/labelSession";
import type { Frame, FrameState } from "@/data/types";

import { frameTitle } from "./FrameQueue";
import classes from "./labeller.module.css";
import { SaveIndicator } from "./SaveIndicator";

interface Props {
  frame: Frame | null;
  position: number;
  total: number;
  more: boolean;
  filter: FrameState | null;
  snapshot: SessionSnapshot;
  through: boolean;
  context: LabelContext;
  readOnly: boolean;
  /** Brings in a later round of predictions; null where there is none. */
  onNewPredictions: (() => void) | null;
  onFilter: (state: FrameState | null) => void;
  onBack: () => void;
}

export function LabellerBar({ frame, position, total, more, filter, snapshot, through, context, readOnly, onNewPredictions, onFilter, onBack }: Props) {
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
      <SaveIndicator snapshot={snapshot} />
      <Group gap={8} wrap="nowrap" className={classes.progress}>
        <Text size="sm" c="dimmed" data-testid="position">
          {total === 0 ? "0" : position + 1} of {total}
          {more ? "+" : ""}
        </Text>
        <Progress w={64} value={total === 0 ? 0 : ((position + 1) / total) * 100} aria-label="Place in the queue" />
      </Group>
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
        <IconButton label={`Undo ${snapshot.undoLabel ?? ""} (Ctrl+Z)`} disabled={snapshot.undoLabel === null} onClick={() => context.undo()}>
          <IconArrowBackUp size={18} />
        </IconButton>
        <IconButton label={`Redo ${snapshot.redoLabel ?? ""} (Ctrl+Shift+Z)`} disabled={snapshot.redoLabel === null} onClick={() => context.redo()}>
          <IconArrowForwardUp size={18} />
        </IconButton>
        <IconButton label="Show the whole image (0)" onClick={() => context.fit()}>
          <IconMaximize size={18} />
        </IconButton>
        <IconButton label="One keypoint through many frames (M)" pressed={through} onClick={() => context.toggle("through")}>
          <IconTarget size={18} />
        </IconButton>
        <IconButton label="Brightness, contrast, colours (B)" onClick={() => context.toggle("display")}>
          <IconAdjustments size={18} />
        </IconButton>
        <IconButton label="History of this frame (Y)" onClick={() => context.toggle("history")}>
          <IconHistory size={18} />
        </IconButton>
        <IconButton label="Keys (?)" onClick={() => context.toggle("help")}>
          <IconKeyboard size={18} />
        </IconButton>
      </Group>
      {!readOnly && (
        <Button disabled={frame === null} onClick={() => context.submit()} className={classes.submit}>
          {through ? "Next frame" : "Submit and next"}
        </Button>
      )}
    </header>
  );
}

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
