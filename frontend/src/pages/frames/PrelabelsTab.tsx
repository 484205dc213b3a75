import { Alert, Button, Group, NumberInput, Stack, Switch, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";

import { ErrorState } from "@/components/ErrorState";
import { Learning } from "@/components/Learning";
import { Pending } from "@/components/Pending";
import { decimal, plural } from "@/core/format";
import { useBeginRound, usePrelabels, useSetPrelabels } from "@/data/review";
import type { Prelabels } from "@/data/types";

/** When the network learns, how good it has become, what more labels should buy, and whether it pulls people. */
export function PrelabelsTab({ project, canEdit }: { project: string; canEdit: boolean }) {
  const found = usePrelabels(project);
  if (found.error && !found.data) return <ErrorState error={found.error} onRetry={() => void found.refetch()} />;
  if (!found.data) return <Pending />;
  return (
    <Stack gap="md">
      <Settings project={project} found={found.data} canEdit={canEdit} />
      <Learning found={found.data} />
      <Assistance found={found.data} />
    </Stack>
  );
}

interface SettingsProps {
  project: string;
  found: Prelabels;
  canEdit: boolean;
}

function Settings({ project, found, canEdit }: SettingsProps) {
  const save = useSetPrelabels(project);
  const begin = useBeginRound(project);
  const { settings } = found;
  const set = (change: Partial<Prelabels["settings"]>) => save.mutate({ ...settings, ...change });
  const busy = found.rounds.some((round) => round.state === "training" || round.state === "predicting");
  return (
    <Stack gap="xs">
      <Switch
        label="Pre-label the frames that wait"
        description="A short training runs by itself while you label, and places the points you only need to check."
        checked={settings.on}
        disabled={!canEdit || save.isPending}
        onChange={(event) => set({ on: event.currentTarget.checked })}
      />
      <Group grow align="flex-start">
        <NumberInput
          label="First after"
          suffix=" frames"
          min={5}
          max={10_000}
          defaultValue={settings.after}
          disabled={!canEdit || !settings.on}
          onBlur={(event) => set({ after: Math.max(5, Number.parseInt(event.currentTarget.value, 10) || settings.after) })}
        />
        <NumberInput
          label="Labelled without help"
          suffix=" %"
          min={0}
          max={50}
          defaultValue={Math.round(100 * settings.blind_share)}
          disabled={!canEdit || !settings.on}
          onBlur={(event) => set({ blind_share: Math.min(50, Math.max(0, Number.parseInt(event.currentTarget.value, 10) || 0)) / 100 })}
        />
      </Group>
      <Group justify="space-between">
        <Text c="dimmed">
          {plural(found.labels, "frame")} finished
          {found.next_at !== null && !busy && `; the next round comes at ${found.next_at}`}
          {busy && "; a round is under way"}.
        </Text>
        {canEdit && (
          <Button variant="default" size="xs" disabled={busy || found.labels === 0} loading={begin.isPending} onClick={() => begin.mutate(undefined)}>
            Train now
          </Button>
        )}
      </Group>
    </Stack>
  );
}

function Assistance({ found }: { found: Prelabels }) {
  const { assistance: a } = found;
  if (a.assisted_frames + a.blind_frames === 0) return null;
  return (
    <Stack gap={4}>
      <Text fw={600}>With and without help</Text>
      {a.warning && (
        <Alert color="orange" icon={<IconAlertTriangle />} title="Pre-labels pull points towards the network">
          With its points in sight people end up {decimal(a.pull_px)} px nearer to the network, more than the {decimal(a.human_px)} px two people
          differ by. Correct points more strictly, or raise the share that is labelled without help.
        </Alert>
      )}
      <Text>
        People&apos;s points lie {decimal(a.assisted_px)} px from the network&apos;s with them in sight ({plural(a.assisted_frames, "frame")}) and{" "}
        {decimal(a.blind_px)} px without ({plural(a.blind_frames, "frame")}).
      </Text>
      {a.pull_px === null && <Text c="dimmed">{a.fewest_frames} frames of each kind are needed to compare them.</Text>}
      {a.pull_px !== null && a.human_px === null && (
        <Text c="dimmed">Let two people label the same frames: only their difference tells whether this is much.</Text>
      )}
    </Stack>
  );
}
