import { Button, Group, Menu, SegmentedControl, Select } from "@mantine/core";
import { IconChevronDown, IconFileImport, IconFolderOpen, IconTags, IconUpload, IconVideo } from "@tabler/icons-react";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useRef, useState } from "react";

import { DataTable } from "@/components/DataTable";
import { EmptyState } from "@/components/EmptyState";
import { PageFrame } from "@/components/PageFrame";
import { plural } from "@/core/format";
import { useProject } from "@/data/projects";
import type { VideoState } from "@/data/types";
import { addUploads } from "@/data/uploads";
import { useRecordings, useVideos } from "@/data/videos";

import { ImportDialog } from "../imports/ImportDialog";
import { BulkBar } from "./BulkBar";
import { DropAnywhere } from "./DropAnywhere";
import { PatternDialog } from "./PatternDialog";
import { RegisterDialog } from "./RegisterDialog";
import { VideoDrawer } from "./VideoDrawer";
import { videoColumns } from "./videoColumns";

const STATES = [
  { value: "all", label: "All" },
  { value: "ready", label: "Ready" },
  { value: "processing", label: "Processing" },
  { value: "rejected", label: "Rejected" },
];

export function VideosPage() {
  const { projectId } = useParams({ from: "/app/projects/$projectId/videos" });
  const search = useSearch({ from: "/app/projects/$projectId/videos" });
  const navigate = useNavigate({ from: "/projects/$projectId/videos" });
  const project = useProject(projectId).data;
  const videos = useVideos(projectId, { state: search.state, recording: search.recording });
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const set = (change: Partial<typeof search>) => void navigate({ search: (old) => ({ ...old, ...change }), replace: true });
  const canEdit = project?.role === "owner" || project?.role === "editor";
  const filtered = search.state !== undefined || search.recording !== undefined;
  const open = (what: typeof search.open) => set({ open: what });
  const chosen = videos.items.filter((video) => selected.has(video.id));
  const add = canEdit ? <AddVideos project={projectId} onOpen={open} /> : null;

  return (
    <PageFrame
      title="Videos"
      note={project && plural(project.counts.videos, "video")}
      actions={
        canEdit && (
          <>
            <Button variant="default" leftSection={<IconTags size={14} />} onClick={() => open("pattern")}>
              File names
            </Button>
            {add}
          </>
        )
      }
      toolbar={
        chosen.length > 0 ? (
          <BulkBar project={projectId} videos={chosen} onClear={() => setSelected(new Set())} />
        ) : (
          <Group gap="xs">
            <SegmentedControl
              data={STATES}
              value={search.state ?? "all"}
              onChange={(value) => set({ state: value === "all" ? undefined : (value as VideoState) })}
              aria-label="State"
            />
            <RecordingFilter project={projectId} value={search.recording} onChange={(recording) => set({ recording })} />
          </Group>
        )
      }
    >
      <DataTable
        label="Videos"
        list={videos}
        columns={videoColumns}
        rowKey={(video) => video.id}
        rowHeight={52}
        onOpen={(video) => set({ video: video.id })}
        isActive={(video) => video.id === search.video}
        {...(canEdit ? { selected, onSelect: setSelected } : {})}
        empty={
          filtered ? (
            <EmptyState icon={IconVideo} action={<Button variant="default" onClick={() => set({ state: undefined, recording: undefined })}>Show all videos</Button>}>
              No video matches these filters.
            </EmptyState>
          ) : (
            <EmptyState icon={IconVideo} action={add}>
              Drop videos anywhere on this page, or take them from a folder of the server.
            </EmptyState>
          )
        }
      />
      {canEdit && <DropAnywhere onFiles={(files) => addUploads(projectId, files, "video")} />}
      <VideoDrawer project={projectId} videoId={search.video} canEdit={canEdit} onClose={() => set({ video: undefined })} />
      <RegisterDialog project={projectId} opened={search.open === "register"} onClose={() => open(undefined)} />
      <ImportDialog project={projectId} opened={search.open === "import"} onClose={() => open(undefined)} />
      {project && <PatternDialog project={project} opened={search.open === "pattern"} onClose={() => open(undefined)} />}
    </PageFrame>
  );
}

interface AddProps {
  project: string;
  onOpen: (what: "register" | "import") => void;
}

function AddVideos({ project, onOpen }: AddProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        accept="video/*,.avi,.mkv,.mov,.mp4,.m4v,.mpg,.mpeg,.webm,.wmv"
        multiple
        hidden
        data-testid="video-files"
        onChange={(event) => {
          addUploads(project, [...(event.currentTarget.files ?? [])], "video");
          event.currentTarget.value = "";
        }}
      />
      <Menu position="bottom-end" width={240}>
        <Menu.Target>
          <Button rightSection={<IconChevronDown size={14} />}>Add videos</Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconUpload size={14} />} onClick={() => input.current?.click()}>
            Upload from this computer
          </Menu.Item>
          <Menu.Item leftSection={<IconFolderOpen size={14} />} onClick={() => onOpen("register")}>
            From a folder of the server
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item leftSection={<IconFileImport size={14} />} onClick={() => onOpen("import")}>
            Import a labelled project
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  );
}

interface FilterProps {
  project: string;
  value: string | undefined;
  onChange: (recording: string | undefined) => void;
}

function RecordingFilter({ project, value, onChange }: FilterProps) {
  const recordings = useRecordings(project).items;
  if (recordings.length === 0) return null;
  return (
    <Select
      size="xs"
      w={220}
      placeholder="All recordings"
      aria-label="Recording"
      searchable
      clearable
      limit={100}
      data={recordings.map((recording) => ({ value: recording.id, label: recording.name }))}
      value={value ?? null}
      onChange={(id) => onChange(id ?? undefined)}
    />
  );
}
