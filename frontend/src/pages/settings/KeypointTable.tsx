import { ActionIcon, ColorPicker, Group, Popover, Select, Stack, Text, TextInput } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconX } from "@tabler/icons-react";

import { PALETTE } from "@/core/keypointNames";
import { changeKeypoint, type DraftKeypoint, moveKeypoint, removeKeypoint, type SkeletonDraft } from "@/core/skeletonDraft";

import classes from "./SettingsPage.module.css";

export interface DraftProps {
  draft: SkeletonDraft;
  onChange: (draft: SkeletonDraft) => void;
  readOnly: boolean;
}

export function KeypointTable({ draft, onChange, readOnly }: DraftProps) {
  if (draft.keypoints.length === 0) {
    return <Text c="dimmed">No keypoints yet. Paste their names, or add them one by one.</Text>;
  }
  return (
    <table className={classes.table} aria-label="Keypoints">
      <thead>
        <tr>
          <th />
          <th>Colour</th>
          <th>Name</th>
          <th>Left-right partner</th>
          <th>Body part</th>
          <th>View</th>
          <th />
        </tr>
      </thead>
      <tbody>
        {draft.keypoints.map((keypoint, index) => (
          <Row key={keypoint.id ?? `new ${index}`} draft={draft} onChange={onChange} readOnly={readOnly} keypoint={keypoint} index={index} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ draft, onChange, readOnly, keypoint, index }: DraftProps & { keypoint: DraftKeypoint; index: number }) {
  const change = (fields: Partial<DraftKeypoint>) => onChange(changeKeypoint(draft, index, fields));
  const others = draft.keypoints.filter((one) => one !== keypoint && one.name !== "").map((one) => one.name);
  return (
    <tr>
      <td className={classes.number}>{index + 1}</td>
      <td>
        <Colour value={keypoint.color} readOnly={readOnly} onChange={(color) => change({ color })} name={keypoint.name} />
      </td>
      <td>
        <TextInput size="xs" variant="unstyled" aria-label={`Name of keypoint ${index + 1}`} value={keypoint.name} readOnly={readOnly} maxLength={120} onChange={(event) => change({ name: event.currentTarget.value })} />
      </td>
      <td>
        <Select size="xs" variant="unstyled" placeholder="none" aria-label={`Partner of ${keypoint.name}`} data={[...new Set(others)]} value={keypoint.partner} readOnly={readOnly} clearable searchable onChange={(partner) => change({ partner })} />
      </td>
      <td>
        <TextInput size="xs" variant="unstyled" placeholder="none" aria-label={`Body part of ${keypoint.name}`} value={keypoint.part ?? ""} readOnly={readOnly} onChange={(event) => change({ part: event.currentTarget.value || null })} />
      </td>
      <td>
        {draft.views.length === 0 ? (
          <Text c="dimmed">–</Text>
        ) : (
          <Select size="xs" variant="unstyled" placeholder="all" aria-label={`View of ${keypoint.name}`} data={draft.views.map((view) => view.name)} value={keypoint.view} readOnly={readOnly} clearable onChange={(view) => change({ view })} />
        )}
      </td>
      <td>
        {!readOnly && (
          <Group gap={0} wrap="nowrap" justify="flex-end">
            <ActionIcon size="sm" aria-label={`Move ${keypoint.name} up`} disabled={index === 0} onClick={() => onChange(moveKeypoint(draft, index, -1))}>
              <IconArrowUp size={13} />
            </ActionIcon>
            <ActionIcon size="sm" aria-label={`Move ${keypoint.name} down`} disabled={index === draft.keypoints.length - 1} onClick={() => onChange(moveKeypoint(draft, index, 1))}>
              <IconArrowDown size={13} />
            </ActionIcon>
            <ActionIcon size="sm" aria-label={`Remove ${keypoint.name}`} onClick={() => onChange(removeKeypoint(draft, index))}>
              <IconX size={13} />
            </ActionIcon>
          </Group>
        )}
      </td>
    </tr>
  );
}

interface ColourProps {
  value: string;
  name: string;
  readOnly: boolean;
  onChange: (color: string) => void;
}

function Colour({ value, name, readOnly, onChange }: ColourProps) {
  return (
    <Popover position="bottom-start" shadow="md" disabled={readOnly}>
      <Popover.Target>
        <button type="button" className={classes.swatch} style={{ background: value }} aria-label={`Colour of ${name}`} />
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="xs">
          <ColorPicker format="hex" value={value} onChange={(color) => onChange(color.slice(0, 7))} swatches={[...PALETTE]} swatchesPerRow={8} />
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
