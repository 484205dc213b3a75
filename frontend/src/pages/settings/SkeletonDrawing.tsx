import { ActionIcon, Button, Group, Menu, Stack, Text, TextInput, Tooltip } from "@mantine/core";
import { IconArrowsMaximize, IconPhoto, IconTemplate, IconTrash } from "@tabler/icons-react";
import { useEffect, useMemo, useRef, useState } from "react";

import { otherSide } from "@/core/keypointNames";
import { addKeypointAt, removeKeypoint, renameKeypoint, type SkeletonDraft } from "@/core/skeletonDraft";
import { placesOf } from "@/core/skeletonPlaces";
import { TEMPLATES, withTemplate } from "@/core/skeletonTemplates";

import { SkeletonCanvas } from "./SkeletonCanvas";
import type { DraftProps } from "./KeypointTable";
import classes from "./SettingsPage.module.css";
import { useExampleFrame } from "./useExampleFrame";

const BLANK = { width: 640, height: 480 };

/** The skeleton as a drawing on a frame of the project. */
export function SkeletonDrawing({ project, draft, onChange, readOnly }: DraftProps & { project: string }) {
  const [selected, setSelected] = useState<number | null>(null);
  const example = useExampleFrame(project);
  const places = useMemo(() => placesOf(draft, example.labelled), [draft, example.labelled]);
  const chosen = selected === null ? undefined : draft.keypoints[selected];
  const size = example.size ?? BLANK;
  return (
    <Stack gap="xs">
      <Group justify="space-between" wrap="nowrap">
        <Text c="dimmed">{readOnly ? "The skeleton" : "Click: add a keypoint. Drag to another: connect or part them. Drag to an empty place: move."}</Text>
        <Group gap="xs" wrap="nowrap">
          {example.count > 1 && (
            <Button variant="default" leftSection={<IconPhoto size={14} />} onClick={example.next}>
              Another frame
            </Button>
          )}
          {!readOnly && (
            <Menu position="bottom-end">
              <Menu.Target>
                <Button variant="default" leftSection={<IconTemplate size={14} />}>
                  Add a template
                </Button>
              </Menu.Target>
              <Menu.Dropdown>
                {TEMPLATES.map((template) => (
                  <Menu.Item key={template.id} onClick={() => onChange(withTemplate(draft, template))}>
                    {template.title}
                  </Menu.Item>
                ))}
              </Menu.Dropdown>
            </Menu>
          )}
        </Group>
      </Group>
      <div className={classes.drawingFrame}>
        <SkeletonCanvas picture={example.picture} size={size} draft={draft} places={places} selected={selected} readOnly={readOnly} onChange={onChange} onSelect={setSelected} />
        {chosen !== undefined && selected !== null && !readOnly && (
          <Chosen
            key={selected}
            draft={draft}
            index={selected}
            place={places[selected] ?? { x: 0.5, y: 0.5 }}
            onChange={onChange}
            onDone={() => setSelected(null)}
            onSelect={setSelected}
          />
        )}
      </div>
    </Stack>
  );
}

interface ChosenProps {
  draft: SkeletonDraft;
  index: number;
  place: { x: number; y: number };
  onChange: (draft: SkeletonDraft) => void;
  onDone: () => void;
  onSelect: (index: number) => void;
}

/** The chosen keypoint: its name at once, and the other side of the body by one press. */
function Chosen({ draft, index, place, onChange, onDone, onSelect }: ChosenProps) {
  const field = useRef<HTMLInputElement>(null);
  const name = draft.keypoints[index]?.name ?? "";
  useEffect(() => field.current?.select(), []);
  const mirror = otherSide(name);
  const offered = mirror !== null && !draft.keypoints.some((keypoint) => keypoint.name === mirror) ? mirror : null;
  const partner = draft.keypoints[index]?.partner ?? null;
  return (
    <Group className={classes.chosen} gap={6} wrap="nowrap">
      <TextInput
        ref={field}
        size="xs"
        w={190}
        aria-label="Name of the chosen keypoint"
        maxLength={120}
        value={name}
        onChange={(event) => onChange(renameKeypoint(draft, index, event.currentTarget.value))}
        onKeyDown={(event) => {
          if (event.key === "Enter" || event.key === "Escape") onDone();
        }}
      />
      {partner !== null && (
        <Text size="xs" c="dimmed" className="truncate">
          pairs with {partner}
        </Text>
      )}
      {offered !== null && (
        <Button
          size="compact-xs"
          variant="default"
          leftSection={<IconArrowsMaximize size={12} />}
          onClick={() => {
            onChange(addKeypointAt(draft, offered, { x: 1 - place.x, y: place.y }));
            onSelect(draft.keypoints.length);
          }}
        >
          Add {offered}
        </Button>
      )}
      <Tooltip label="Remove this keypoint">
        <ActionIcon
          aria-label={`Remove ${name}`}
          onClick={() => {
            onChange(removeKeypoint(draft, index));
            onDone();
          }}
        >
          <IconTrash size={15} />
        </ActionIcon>
      </Tooltip>
    </Group>
  );
}
