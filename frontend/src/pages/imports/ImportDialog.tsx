import { Button, FileButton, Group, Modal, Progress, SegmentedControl, Stack, Text } from "@mantine/core";
import { IconFileZip } from "@tabler/icons-react";
import { useState } from "react";

import { ErrorState } from "@/components/ErrorState";
import { FolderBrowser, type Place } from "@/components/FolderBrowser";
import { JobProgress } from "@/components/JobProgress";
import { bytes } from "@/core/format";
import { isActive, useJob } from "@/data/jobs";
import { notifyDone } from "@/data/notify";
import { Problem } from "@/data/problem";
import { type ImportSource, useImport } from "@/data/transfers";
import type { ImportReport, Job } from "@/data/types";
import { addUploads, useUploads } from "@/data/uploads";

import { ReportView } from "./ReportView";

interface Props {
  project: string;
  opened: boolean;
  onClose: () => void;
}

export function ImportDialog({ project, opened, onClose }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title="Import a labelled project" size="lg">
      <Steps project={project} onClose={onClose} />
    </Modal>
  );
}

/** Choose a source, look at the dry run's report, then import. */
function Steps({ project, onClose }: { project: string; onClose: () => void }) {
  const [source, setSource] = useState<ImportSource | null>(null);
  const [jobId, setJobId] = useState<string | null>(null);
  const dryRun = useImport(project, (job) => setJobId(job.id));
  const begin = (chosen: ImportSource) => {
    setSource(chosen);
    dryRun.mutate({ ...chosen, dry_run: true, create_skeleton: true });
  };
  const restart = () => {
    setSource(null);
    setJobId(null);
  };
  if (source === null || jobId === null) {
    return <ChooseSource project={project} onSource={begin} busy={dryRun.isPending} />;
  }
  return <DryRun project={project} jobId={jobId} source={source} onBack={restart} onClose={onClose} />;
}

interface ChooseProps {
  project: string;
  onSource: (source: ImportSource) => void;
  busy: boolean;
}

function ChooseSource({ project, onSource, busy }: ChooseProps) {
  const [where, setWhere] = useState("zip");
  const [place, setPlace] = useState<Place>({ root: null, path: "" });
  return (
    <Stack gap="sm">
      <Text c="dimmed">
        Lightning Pose and DeepLabCut projects come with their labels, images and videos. First you see what is in it; nothing changes
        before you say so.
      </Text>
      <SegmentedControl
        value={where}
        onChange={setWhere}
        data={[
          { value: "zip", label: "Zip file" },
          { value: "root", label: "Folder of the server" },
        ]}
        aria-label="Source"
      />
      {where === "zip" ? (
        <ZipSource project={project} onSource={onSource} busy={busy} />
      ) : (
        <>
          <FolderBrowser place={place} onPlace={setPlace} />
          <Group justify="flex-end">
            <Button
              disabled={place.root === null}
              loading={busy}
              onClick={() => place.root !== null && onSource({ root: place.root, path: place.path === "" ? "." : place.path })}
            >
              Look into this folder
            </Button>
          </Group>
        </>
      )}
    </Stack>
  );
}

function ZipSource({ project, onSource, busy }: ChooseProps) {
  const [name, setName] = useState<string | null>(null);
  const upload = useUploads().find((item) => item.projectId === project && item.purpose === "import" && item.name === name);
  const choose = (file: File | null) => {
    if (file === null) return;
    setName(file.name);
    addUploads(project, [file], "import", (id) => onSource({ upload_id: id }));
  };
  if (upload && upload.state !== "failed") {
    return (
      <Stack gap={6} py="md">
        <Text>{upload.state === "done" || busy ? "Opening" : "Uploading"} {upload.name}</Text>
        <Progress value={(100 * upload.sent) / Math.max(1, upload.size)} animated={upload.state === "done"} aria-label="Upload" />
        <Text size="xs" c="dimmed">
          {bytes(upload.sent)} of {bytes(upload.size)}
        </Text>
      </Stack>
    );
  }
  return (
    <Group justify="center" py="lg" style={{ border: "1px dashed var(--tb-border)", borderRadius: 6 }}>
      <FileButton accept=".zip,application/zip" onChange={choose}>
        {(props) => (
          <Button {...props} leftSection={<IconFileZip size={14} />}>
            Choose a zip file
          </Button>
        )}
      </FileButton>
    </Group>
  );
}

interface DryRunProps {
  project: string;
  jobId: string;
  source: ImportSource;
  onBack: () => void;
  onClose: () => void;
}

function DryRun({ project, jobId, source, onBack, onClose }: DryRunProps) {
  const job = useJob(project, jobId);
  const start = useImport(project, () => {
    notifyDone("The import is under way; frames appear when it is through.");
    onClose();
  });
  if (job.error && !job.data) return <ErrorState error={job.error} onRetry={() => void job.refetch()} />;
  if (!job.data || isActive(job.data.state)) return <Looking job={job.data} />;
  const report = reportOf(job.data);
  if (report === null) return <Refused job={job.data} onBack={onBack} />;
  return (
    <Stack gap="md">
      <ReportView report={report} />
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onBack}>
          Choose another
        </Button>
        <Button
          loading={start.isPending}
          disabled={report.frames === 0}
          onClick={() => start.mutate({ ...source, dry_run: false, create_skeleton: true })}
        >
          Import
        </Button>
      </Group>
    </Stack>
  );
}

function Looking({ job }: { job: Job | undefined }) {
  return (
    <Stack gap="xs" py="lg">
      <Text>Reading the project…</Text>
      {job?.state === "running" ? <JobProgress job={job} /> : <Progress value={100} animated aria-label="Waiting" />}
    </Stack>
  );
}

function Refused({ job, onBack }: { job: Job; onBack: () => void }) {
  const problem = new Problem(0, job.error_code ?? "import", "This cannot be imported", job.error_detail ?? "", null);
  return (
    <>
      <ErrorState error={problem} />
      <Group justify="flex-end">
        <Button variant="default" onClick={onBack}>
          Choose another
        </Button>
      </Group>
    </>
  );
}

function reportOf(job: Job): ImportReport | null {
  const { report } = job.result;
  return job.state === "succeeded" && typeof report === "object" && report !== null ? (report as ImportReport) : null;
}
