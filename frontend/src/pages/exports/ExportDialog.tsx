import { Alert, Anchor, Button, Group, Modal, Radio, Stack, Text } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useState } from "react";

import { JobProgress } from "@/components/JobProgress";
import { StateTag } from "@/components/StateTag";
import { bytes } from "@/core/format";
import { isActive, useJob } from "@/data/jobs";
import { type ExportFormat, type ExportRequest, useExport } from "@/data/transfers";

interface Props {
  project: string;
  what: ExportRequest["what"];
  /** These predictions and no others. */
  only?: string[];
  opened: boolean;
  onClose: () => void;
}

const FORMATS: { value: ExportFormat; label: string; description: string }[] = [
  { value: "lightning-pose", label: "Lightning Pose", description: "CSV with three header rows, as Lightning Pose reads it" },
  { value: "deeplabcut", label: "DeepLabCut", description: "CSV in the layout of DeepLabCut" },
  { value: "parquet", label: "Parquet", description: "Compact table with time in seconds and where everything came from" },
  { value: "csv", label: "Plain CSV", description: "One table with time in seconds, for spreadsheets and R" },
];

export function ExportDialog({ project, what, only, opened, onClose }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title={what === "labels" ? "Download labels" : "Download predictions"}>
      <ExportForm project={project} what={what} {...(only ? { only } : {})} />
    </Modal>
  );
}

export function ExportForm({ project, what, only }: Pick<Props, "project" | "what" | "only">) {
  const [format, setFormat] = useState<string>("lightning-pose");
  const [jobId, setJobId] = useState<string | null>(null);
  const start = useExport(project, (job) => setJobId(job.id));
  return (
    <Stack gap="md">
      <Radio.Group value={format} onChange={setFormat} aria-label="Format">
        <Stack gap="sm">
          {FORMATS.map((one) => (
            <Radio key={one.value} value={one.value} label={one.label} description={one.description} />
          ))}
        </Stack>
      </Radio.Group>
      {jobId !== null && <Result project={project} jobId={jobId} />}
      <Group justify="flex-end">
        <Button loading={start.isPending} onClick={() => start.mutate({ what, format: format as ExportFormat, ...(only ? { prediction_ids: only } : {}) })}>
          Prepare download
        </Button>
      </Group>
    </Stack>
  );
}

function Result({ project, jobId }: { project: string; jobId: string }) {
  const job = useJob(project, jobId).data;
  if (!job) return null;
  if (job.state === "failed") return <Alert color="orange">{job.error_detail}</Alert>;
  if (isActive(job.state)) {
    return (
      <Stack gap={4}>
        <StateTag state={job.state} />
        <JobProgress job={job} />
      </Stack>
    );
  }
  return (
    <Stack gap={4}>
      {job.artifacts.map((artifact) => (
        <Group key={artifact.name} gap="xs">
          <Anchor href={artifact.url} download={artifact.name}>
            <Group gap={6}>
              <IconDownload size={14} /> {artifact.name}
            </Group>
          </Anchor>
          <Text size="xs" c="dimmed">
            {bytes(artifact.size_bytes)}
          </Text>
        </Group>
      ))}
    </Stack>
  );
}
