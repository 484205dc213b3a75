import { ActionIcon, Anchor, Group, Progress, Text, Tooltip } from "@mantine/core";
import { IconCheck, IconChevronDown, IconChevronUp, IconRefresh, IconX } from "@tabler/icons-react";
import { useState } from "react";

import { bytes, plural } from "@/core/format";
import { cancelUpload, dismissUpload, retryUpload, type UploadItem, useUploads } from "@/data/uploads";

import classes from "./AppLayout.module.css";

/** What this tab uploads, on every page. */
export function UploadTray() {
  const items = useUploads();
  const [open, setOpen] = useState(true);
  if (items.length === 0) return null;
  const left = items.filter((item) => item.state === "sending" || item.state === "waiting").length;
  const settled = items.filter((item) => item.state === "done" || item.state === "failed");
  return (
    <section className={classes.tray} aria-label="Uploads">
      <div className={classes.trayHead}>
        {left > 0 ? `Uploading ${plural(left, "file")}` : "Uploads"}
        <Group gap={2}>
          {settled.length > 0 && (
            <Anchor component="button" size="xs" onClick={() => settled.forEach((item) => dismissUpload(item.key))}>
              Clear
            </Anchor>
          )}
          <ActionIcon onClick={() => setOpen(!open)} aria-label={open ? "Fold uploads" : "Show uploads"}>
            {open ? <IconChevronDown size={14} /> : <IconChevronUp size={14} />}
          </ActionIcon>
        </Group>
      </div>
      {open && (
        <div className={classes.trayList}>
          {items.map((item) => (
            <Row key={item.key} item={item} />
          ))}
        </div>
      )}
    </section>
  );
}

function Row({ item }: { item: UploadItem }) {
  const share = item.size === 0 ? 100 : (100 * item.sent) / item.size;
  return (
    <div className={classes.trayItem}>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Text className="truncate" title={item.name}>
          {item.name}
        </Text>
        <Actions item={item} />
      </Group>
      {item.state === "sending" && <Progress value={share} my={3} aria-label={item.name} />}
      <Text size="xs" c={item.state === "failed" ? "var(--tb-bad)" : "dimmed"}>
        {describe(item)}
      </Text>
    </div>
  );
}

function describe(item: UploadItem): string {
  if (item.state === "waiting") return `Waiting · ${bytes(item.size)}`;
  if (item.state === "sending") return `${bytes(item.sent)} of ${bytes(item.size)}`;
  if (item.state === "done") return `Uploaded · ${bytes(item.size)}`;
  return item.error?.message ?? "Failed";
}

function Actions({ item }: { item: UploadItem }) {
  if (item.state === "done") return <IconCheck size={16} color="var(--tb-good)" />;
  return (
    <Group gap={0} wrap="nowrap">
      {item.state === "failed" && (
        <Tooltip label="Continue">
          <ActionIcon size="sm" onClick={() => retryUpload(item.key)} aria-label={`Continue ${item.name}`}>
            <IconRefresh size={14} />
          </ActionIcon>
        </Tooltip>
      )}
      <Tooltip label="Stop">
        <ActionIcon size="sm" onClick={() => cancelUpload(item.key)} aria-label={`Stop ${item.name}`}>
          <IconX size={14} />
        </ActionIcon>
      </Tooltip>
    </Group>
  );
}
