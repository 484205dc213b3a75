import { Alert, Button, FileButton, Group, Modal, Progress, Select, Stack, Text, TextInput } from "@mantine/core";
import { IconFileImport } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { JobProgress } from "@/components/JobProgress";
import { fittingVideo } from "@/core/fittingVideo";
import { isActive, useJob } from "@/data/jobs";
import { useImportPredictions } from "@/data/transfers";
import { addUploads, useUploads } from "@/data/uploads";
import { useVideos } from "@/data/videos";

interface Props {
  project: string;
  opened: boolean;
  onClose: () => void;
}

/** Poses that another program found come in as a read-only model: to compare with, and as a member of ensembles. */
export function ImportPredictions({ project, opened, onClose }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title="Import predictions made elsewhere" size="lg">
      <Steps project={project} onClose={onClose} />
    </Modal>
  );
}

interface Chosen {
  file: string;
  uploadId: string | null;
  video: string | null;
}

function Steps({ project, onClose }: { project: string; onClose: () => void }) {
  const videos = useVideos(project, { state: "ready" }).items;
  const uploads = useUploads().filter((one) => one.projectId === project && one.purpose === "import");
  const [files, setFiles] = useState<Chosen[]>([]);
  const [name, setName] = useState("");
  const [jobId, setJobId] = useState<string | null>(null);
  const begin = useImportPredictions(project, (job) => setJobId(job.id));
  const add = (chosen: File[]) => {
    setFiles((old) => [...old, ...chosen.map((file): Chosen => ({ file: file.name, uploadId: null, video: fittingVideo(file.name, videos) }))]);
    for (const file of chosen) addUploads(project, [file], "import", (id) => change(file.name, { uploadId: id }));
  };
  const change = (file: string, what: Partial<Chosen>) => setFiles((old) => old.map((one) => (one.file === file ? { ...one, ...what } : one)));
  const complete = files.flatMap(({ uploadId, video }) => (uploadId !== null && video !== null ? [{ upload_id: uploadId, video_id: video }] : []));
  return (
    <Stack gap="md">
      <Text c="dimmed">
        CSV or HDF5 files of Lightning Pose, DeepLabCut or SLEAP (also .slp), one for each video. Their keypoints must be among those of this
        project, and they need as many frames as the video.
      </Text>
      {files.map((one) => (
        <Group key={one.file} wrap="nowrap" align="center">
          <div style={{ flex: 1, minWidth: 0 }}>
            <Text className="truncate" title={one.file}>
              {one.file}
            </Text>
            {one.uploadId === null && <Progress value={sent(uploads.find((item) => item.name === one.file))} aria-label={`Uploading ${one.file}`} />}
          </div>
          <Select
            aria-label={`Video of ${one.file}`}
            placeholder="Which video?"
            w={260}
            searchable
            data={videos.map((video) => ({ value: video.id, label: video.name }))}
            value={one.video}
            onChange={(video) => change(one.file, { video })}
          />
        </Group>
      ))}
      <FileButton multiple accept=".csv,.h5,.hdf5,.slp,.parquet" onChange={add}>
        {(props) => (
          <Button {...props} variant="default" leftSection={<IconFileImport size={14} />} style={{ alignSelf: "flex-start" }}>
            {files.length > 0 ? "Add files" : "Choose files"}
          </Button>
        )}
      </FileButton>
      <TextInput label="Name" placeholder="the first file's name when left empty" maxLength={120} value={name} onChange={(event) => setName(event.currentTarget.value)} />
      {jobId !== null && <Result project={project} jobId={jobId} />}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          Close
        </Button>
        <Button
          disabled={files.length === 0 || complete.length < files.length}
          loading={begin.isPending}
          onClick={() => begin.mutate({ files: complete, ...(name.trim() ? { name: name.trim() } : {}) })}
        >
          Import
        </Button>
      </Group>
    </Stack>
  );
}

const sent = (item: { sent: number; size: number } | undefined) => (item ? (100 * item.sent) / Math.max(1, item.size) : 100);

function Result({ project, jobId }: { project: string; jobId: string }) {
  const navigate = useNavigate();
  const job = useJob(project, jobId).data;
  if (!job) return null;
  if (isActive(job.state)) return job.state === "running" ? <JobProgress job={job} /> : <Text c="dimmed">Waiting for a worker…</Text>;
  if (job.state !== "succeeded") {
    return (
      <Alert color="orange" title="These files were not imported">
        {job.error_detail}
      </Alert>
    );
  }
  return (
    <Alert title="Imported">
      <Group justify="space-between">
        They are among the predictions, and can be a member of an ensemble.
        <Button variant="light" onClick={() => void navigate({ to: "/projects/$projectId/predictions", params: { projectId: project } })}>
          See the predictions
        </Button>
      </Group>
    </Alert>
  );
}
