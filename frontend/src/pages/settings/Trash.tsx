import { Button, Group, Text } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useState } from "react";

import { AskDelete } from "@/components/AskDelete";
import { type Column, DataTable } from "@/components/DataTable";
import { EmptyState } from "@/components/EmptyState";
import { ago, bytes } from "@/core/format";
import { notifyDone } from "@/data/notify";
import { useEmptyTrash, useRestore, useTrash } from "@/data/projects";
import type { Project, TrashItem } from "@/data/types";

export function Trash({ project }: { project: Project }) {
  const trash = useTrash(project.id);
  const restore = useRestore(project.id);
  const [asking, setAsking] = useState(false);
  const empty = useEmptyTrash(project.id, (freed) => {
    notifyDone(`${bytes(freed)} freed.`);
    setAsking(false);
  });
  const columns: readonly Column<TrashItem>[] = [
    { key: "name", header: "Name", width: "minmax(200px, 2fr)", render: (item) => item.name },
    { key: "kind", header: "Kind", width: "112px", render: (item) => item.kind },
    { key: "size", header: "Size", width: "96px", align: "right", render: (item) => bytes(item.size_bytes) },
    { key: "deleted", header: "Deleted", width: "120px", align: "right", render: (item) => ago(item.deleted_at, Date.now()) },
    {
      key: "restore",
      header: "",
      width: "120px",
      align: "right",
      render: (item) => (
        <Button variant="default" size="compact-xs" onClick={() => restore.mutate(item)}>
          Bring back
        </Button>
      ),
    },
  ];
  const held = trash.items.reduce((sum, item) => sum + item.size_bytes, 0);
  return (
    <>
      <Group justify="space-between" mb="md">
        <Text c="dimmed">What is deleted stays here for 30 days.</Text>
        {project.role === "owner" && trash.items.length > 0 && (
          <Button variant="default" onClick={() => setAsking(true)}>
            Empty the trash ({bytes(held)})
          </Button>
        )}
      </Group>
      <DataTable
        label="Trash"
        list={trash}
        columns={columns}
        rowKey={(item) => `${item.kind}/${item.id}`}
        empty={<EmptyState icon={IconTrash}>The trash is empty.</EmptyState>}
      />
      <AskDelete
        opened={asking}
        onClose={() => setAsking(false)}
        busy={empty.isPending}
        title="Empty the trash?"
        confirm="Delete for good"
        onConfirm={() => empty.mutate(undefined)}
      >
        {bytes(held)} will be freed. This cannot be undone.
      </AskDelete>
    </>
  );
}
