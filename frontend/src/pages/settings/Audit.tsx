import { IconHistory } from "@tabler/icons-react";

import { type Column, DataTable } from "@/components/DataTable";
import { EmptyState } from "@/components/EmptyState";
import { dateTime } from "@/core/format";
import { useAudit } from "@/data/projects";
import type { AuditEvent } from "@/data/types";

/** "video.deleted" as "Video deleted". */
function sentence(action: string): string {
  const words = action.replace(/[._]/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function details(event: AuditEvent): string {
  return Object.entries(event.details)
    .filter(([, value]) => typeof value === "string" || typeof value === "number" || typeof value === "boolean")
    .map(([key, value]) => `${key}: ${String(value)}`)
    .join(", ");
}

const columns: readonly Column<AuditEvent>[] = [
  { key: "when", header: "When", width: "176px", render: (event) => dateTime(event.created_at) },
  { key: "who", header: "Who", width: "minmax(120px, 1fr)", render: (event) => event.user ?? "–" },
  { key: "what", header: "What", width: "minmax(160px, 1fr)", render: (event) => sentence(event.action) },
  {
    key: "details",
    header: "",
    width: "minmax(200px, 2fr)",
    render: (event) => <span title={details(event)}>{details(event)}</span>,
  },
];

export function Audit({ project }: { project: string }) {
  const events = useAudit(project);
  return (
    <DataTable
      label="History"
      list={events}
      columns={columns}
      rowKey={(event) => event.id}
      rowHeight={36}
      empty={<EmptyState icon={IconHistory}>Who changed what is written down here.</EmptyState>}
    />
  );
}
