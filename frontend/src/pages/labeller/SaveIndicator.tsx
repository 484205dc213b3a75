import { Text } from "@mantine/core";
import { IconCloudCheck, IconCloudOff, IconCloudUp, IconGitMerge } from "@tabler/icons-react";
import { memo, useSyncExternalStore } from "react";

import type { LabelSession, SessionSnapshot } from "@/core/labelSession";

const LOOKS = {
  saved: { icon: IconCloudCheck, color: "var(--tb-good)" },
  saving: { icon: IconCloudUp, color: "var(--tb-busy)" },
  unsaved: { icon: IconCloudUp, color: "var(--tb-busy)" },
  offline: { icon: IconCloudOff, color: "var(--tb-bad)" },
  conflict: { icon: IconGitMerge, color: "var(--tb-bad)" },
} as const;

type Saved = Pick<SessionSnapshot, "status" | "unsaved" | "safe">;

/** "Saved" is said only when the server has committed. */
function words({ status, unsaved, safe }: Saved): string {
  if (status === "saved") return "Saved";
  if (status === "offline") return safe ? `Offline: ${unsaved} kept in this browser, sent when it is back` : `Offline: ${unsaved} only in this tab, keep it open`;
  if (status === "conflict") return "Someone else changed this frame";
  return "Saving";
}

/** It reads the session itself: what it says is never late. */
export const SaveIndicator = memo(function SaveIndicator({ session }: { session: LabelSession }) {
  const saved = useSyncExternalStore(session.subscribe, session.current);
  const { icon: Icon, color } = LOOKS[saved.status];
  return (
    <Text size="sm" c={color} role="status" data-testid="save-state" style={{ display: "flex", gap: 6, alignItems: "center" }}>
      <Icon size={16} aria-hidden />
      {words(saved)}
    </Text>
  );
});
