import { Button, Code, Group, Modal, Stack, Table, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";

import { fieldNames } from "@/core/namePattern";
import { asProblem } from "@/data/problem";
import { notifyDone } from "@/data/notify";
import { useChangeProject } from "@/data/projects";
import type { Project } from "@/data/types";
import { usePatternPreview, useVideos } from "@/data/videos";

interface Props {
  project: Project;
  opened: boolean;
  onClose: () => void;
}

const EXAMPLES = ["{session}_{animal}_{view}", "{animal}-{session}*", "{rig}_{condition}_{animal}_{session}"];
const FALLBACK_NAMES = ["2026-05-01_mouse1_top.mp4", "2026-05-01_mouse1_side.mp4", "2026-05-02_mouse2_top.mp4"];
const SHOWN = 12;

export function PatternDialog({ project, opened, onClose }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title="Read recordings from file names" size="xl">
      <PatternForm project={project} onClose={onClose} />
    </Modal>
  );
}

function PatternForm({ project, onClose }: { project: Project; onClose: () => void }) {
  const [pattern, setPattern] = useState(project.name_pattern);
  const [settled] = useDebouncedValue(pattern, 200);
  const videos = useVideos(project.id).items;
  const names = videos.length > 0 ? videos.slice(0, SHOWN).map((video) => video.name) : FALLBACK_NAMES;
  const preview = usePatternPreview(project.id, settled, names);
  const save = useChangeProject(project.id, () => {
    notifyDone("Videos added from here on are read by this pattern.");
    onClose();
  });
  const fields = [...new Set(fieldNames(settled))];
  return (
    <Stack gap="sm">
      <TextInput
        label="Pattern"
        value={pattern}
        onChange={(event) => setPattern(event.currentTarget.value)}
        error={preview.error ? asProblem(preview.error).message : null}
        styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
        data-autofocus
      />
      <Text c="dimmed">
        Words in braces become fields: <Code>{"{session}"}</Code>, <Code>{"{animal}"}</Code>, <Code>{"{rig}"}</Code>,{" "}
        <Code>{"{condition}"}</Code> or your own; <Code>{"{view}"}</Code> is the camera, so that videos which differ only in it form one
        recording; <Code>*</Code> stands for anything.
      </Text>
      <Group gap={6}>
        {EXAMPLES.map((example) => (
          <Button key={example} variant="default" size="compact-xs" onClick={() => setPattern(example)} ff="monospace">
            {example}
          </Button>
        ))}
      </Group>
      <Table.ScrollContainer minWidth={420} mah={320}>
        <Table verticalSpacing={6}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{videos.length > 0 ? "Video" : "Example"}</Table.Th>
              {fields.map((field) => (
                <Table.Th key={field}>{field}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {(preview.data ?? []).map((row, index) => (
              <Table.Tr key={index}>
                <Table.Td ff="monospace" fz="xs">
                  {row.name}
                </Table.Td>
                {row.fields === null ? (
                  <Table.Td colSpan={Math.max(1, fields.length)} c="var(--tb-warn)">
                    does not match: named by its file
                  </Table.Td>
                ) : (
                  fields.map((field) => <Table.Td key={field}>{row.fields?.[field] ?? "–"}</Table.Td>)
                )}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button
          loading={save.isPending}
          disabled={pattern === "" || pattern === project.name_pattern || preview.error !== null}
          onClick={() => save.mutate({ name_pattern: pattern })}
        >
          Save pattern
        </Button>
      </Group>
    </Stack>
  );
}
