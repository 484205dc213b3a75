import { Badge, Group, Menu, Switch, Text, UnstyledButton } from "@mantine/core";
import { IconCpu } from "@tabler/icons-react";

import { plural } from "@/core/format";
import { useMe } from "@/data/session";
import type { Worker } from "@/data/types";
import { usePauseWorker, useWorkers } from "@/data/workers";

const SILENT_MS = 60_000;
const isHere = (worker: Worker) => Date.now() - Date.parse(worker.seen_at) < SILENT_MS;

/** Who does the work, and on what; an administrator may pause a worker. */
export function Workers() {
  const workers = useWorkers().data;
  const admin = useMe().data?.user.is_admin === true;
  const pause = usePauseWorker();
  if (!workers) return null;
  const here = workers.filter(isHere);
  return (
    <Menu position="bottom-end" width={300} closeOnItemClick={false}>
      <Menu.Target>
        <UnstyledButton px={8} py={4} c={here.length === 0 ? "var(--tb-bad)" : "dimmed"}>
          <Group gap={6}>
            <IconCpu size={15} />
            {here.length === 0 ? "No worker is running" : plural(here.length, "worker")}
          </Group>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown p="sm">
        {workers.length === 0 && <Text c="dimmed">No worker has reported. Jobs wait until one does.</Text>}
        {workers.map((worker) => (
          <Group key={worker.name} justify="space-between" wrap="nowrap" py={4}>
            <div style={{ minWidth: 0 }}>
              <Text className="truncate">{worker.name}</Text>
              <Text size="xs" c="dimmed" className="truncate">
                {worker.device}
                {!isHere(worker) && " · silent"}
              </Text>
            </div>
            {admin ? (
              <Switch
                label="paused"
                checked={worker.paused}
                onChange={(event) => pause.mutate({ name: worker.name, paused: event.currentTarget.checked })}
              />
            ) : (
              worker.paused && <Badge color="orange">paused</Badge>
            )}
          </Group>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
