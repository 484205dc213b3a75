import { Button, Group, Skeleton, Stack, Switch } from "@mantine/core";
import { useState } from "react";

import { ErrorState } from "@/components/ErrorState";
import { plural } from "@/core/format";
import { useChangeEnsemble, useEnsemblePredictions, useRunEnsemble, useSmoothers } from "@/data/ensembles";
import { notifyDone } from "@/data/notify";
import type { Ensemble, SmoothSpec } from "@/data/types";

import { SmootherFields } from "./SmootherFields";

interface Props {
  project: string;
  ensemble: Ensemble;
  onClose: () => void;
}

/** Another way to smooth the same members, and their videos once more with it. */
export function SmoothingForm({ project, ensemble, onClose }: Props) {
  const smoothers = useSmoothers(project);
  const [settings, setSettings] = useState<SmoothSpec>(ensemble.settings);
  const [again, setAgain] = useState(true);
  const done = useEnsemblePredictions(project, ensemble.id).items.filter((one) => one.state === "ready");
  const run = useRunEnsemble(project, (reply) => notifyDone(`${plural(reply.predictions.length, "video")} under way.`));
  const change = useChangeEnsemble(project, () => {
    if (again && done.length > 0) run.mutate({ id: ensemble.id, video_ids: done.map((one) => one.video.id), again: true });
    onClose();
  });
  if (smoothers.error) return <ErrorState error={smoothers.error} onRetry={() => void smoothers.refetch()} />;
  if (!smoothers.data) return <Skeleton height={240} />;
  return (
    <Stack gap="md">
      <SmootherFields smoothers={smoothers.data} value={settings} onChange={setSettings} />
      {done.length > 0 && (
        <Switch
          label={`Run ${plural(done.length, "video")} again`}
          description="The new tracks take the place of those there are."
          checked={again}
          onChange={(event) => setAgain(event.currentTarget.checked)}
        />
      )}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button loading={change.isPending} onClick={() => change.mutate({ id: ensemble.id, settings })}>
          Save
        </Button>
      </Group>
    </Stack>
  );
}
