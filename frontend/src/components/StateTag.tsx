import { Loader } from "@mantine/core";
import { IconBan, IconCheck, IconCircle, IconCircleDashed, IconClock, IconPencil, IconX } from "@tabler/icons-react";
import type { ReactNode } from "react";

import classes from "./StateTag.module.css";

type Tone = "good" | "busy" | "warn" | "bad" | "quiet";

interface Look {
  label: string;
  tone: Tone;
  icon: ReactNode;
}

const icon = { size: 14, stroke: 2 };
const spinner = <Loader size={12} color="var(--tb-busy)" />;

/** Every state of the product, told by word, icon and colour. */
const LOOKS: Readonly<Record<string, Look>> = {
  uploading: { label: "Uploading", tone: "busy", icon: spinner },
  processing: { label: "Processing", tone: "busy", icon: spinner },
  ready: { label: "Ready", tone: "good", icon: <IconCheck {...icon} /> },
  rejected: { label: "Rejected", tone: "bad", icon: <IconX {...icon} /> },
  todo: { label: "To do", tone: "quiet", icon: <IconCircle {...icon} /> },
  draft: { label: "Draft", tone: "warn", icon: <IconPencil {...icon} /> },
  submitted: { label: "Submitted", tone: "busy", icon: <IconCheck {...icon} /> },
  accepted: { label: "Accepted", tone: "good", icon: <IconCheck {...icon} /> },
  waiting: { label: "Waiting", tone: "quiet", icon: <IconCircleDashed {...icon} /> },
  queued: { label: "Queued", tone: "quiet", icon: <IconClock {...icon} /> },
  training: { label: "Training", tone: "busy", icon: spinner },
  running: { label: "Running", tone: "busy", icon: spinner },
  cancelling: { label: "Cancelling", tone: "warn", icon: spinner },
  succeeded: { label: "Done", tone: "good", icon: <IconCheck {...icon} /> },
  failed: { label: "Failed", tone: "bad", icon: <IconX {...icon} /> },
  cancelled: { label: "Cancelled", tone: "quiet", icon: <IconBan {...icon} /> },
};

export function stateLabel(state: string): string {
  return Object.hasOwn(LOOKS, state) ? (LOOKS[state]?.label ?? state) : state;
}

export function StateTag({ state }: { state: string }) {
  const look = Object.hasOwn(LOOKS, state) ? LOOKS[state] : undefined;
  return (
    <span className={classes.tag} data-tone={look?.tone ?? "quiet"} data-state={state}>
      {look?.icon}
      {look?.label ?? state}
    </span>
  );
}
