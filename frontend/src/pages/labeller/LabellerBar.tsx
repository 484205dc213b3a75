import { ActionIcon, Button, Group, Progress, SegmentedControl, Text, Tooltip } from "@mantine/core";
import { IconArrowBackUp, IconArrowForwardUp, IconArrowLeft, IconBrightness, IconKeyboard, IconMaximize } from "@tabler/icons-react";
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
  context: LabelContext;
  readOnly: boolean;
  onFilter: (state: FrameState | null) => void;
  onBack: () => void;
}

export function LabellerBar({ frame, position, total, more, filter, snapshot, context, readOnly, onFilter, onBack }: Props) {
  return (
    <header className={classes.bar}>
      <IconButton label="Back to the frames" onClick={onBack}>
        <IconArrowLeft size={18} />
      </IconButton>
      <div className={classes.title}>
        <Text size="sm" fw={600} className="truncate">
          {frame === null ? "Label" : frameTitle(frame)}
        </Text>
      </div>
      <Group gap={8} wrap="nowrap">
        <Text size="sm" c="dimmed" data-testid="position">
          {total === 0 ? "0" : position + 1} of {total}
          {more ? "+" : ""}
        </Text>
        <Progress w={80} value={total === 0 ? 0 : ((position + 1) / total) * 100} aria-label="Place in the queue" />
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
      <SaveIndicator snapshot={snapshot} />
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
        <IconButton label="Brightness and contrast (B)" onClick={() => context.toggle("adjust")}>
          <IconBrightness size={18} />
        </IconButton>
        <IconButton label="Keys (?)" onClick={() => context.toggle("help")}>
          <IconKeyboard size={18} />
        </IconButton>
      </Group>
      {!readOnly && (
        <Button disabled={frame === null} onClick={() => context.submit()}>
          Submit and next
        </Button>
      )}
    </header>
  );
}

function IconButton({ label, disabled = false, onClick, children }: { label: string; disabled?: boolean; onClick: () => void; children: ReactNode }) {
  return (
    <Tooltip label={label}>
      <ActionIcon aria-label={label} disabled={disabled} onClick={onClick}>
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
