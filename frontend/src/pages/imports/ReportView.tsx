import { Accordion, Alert, Badge, Group, List, Stack, Text } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";
import type { ReactNode } from "react";

import { count, plural } from "@/core/format";
import type { ImportReport } from "@/data/types";

import classes from "./ReportView.module.css";

const FORMATS: Record<string, string> = { "lightning-pose": "Lightning Pose", deeplabcut: "DeepLabCut" };
const LISTED = 200;

/** What a dry run found: the amounts first, then everything that deserves a look. */
export function ReportView({ report }: { report: ImportReport }) {
  const matched = Object.keys(report.matched_frames).length;
  const concerns: [string, string[]][] = [
    ["Images that are missing", report.missing_images],
    ["Names that match nothing", report.unmatched_names],
    ["Images of another size than their labels", report.size_mismatches],
    ["Other remarks", report.warnings.map((warning) => warning.detail)],
  ];
  const real = concerns.filter(([, items]) => items.length > 0);
  return (
    <Stack gap="md">
      <div className={classes.numbers}>
        <Figure value={count(report.frames)} label={report.frames === 1 ? "frame" : "frames"} />
        <Figure value={count(report.points)} label="points" />
        <Figure value={count(report.keypoints.length)} label="keypoints" />
        <Figure value={count(report.individuals.length)} label={report.individuals.length === 1 ? "animal" : "animals"} />
      </div>
      <Text c="dimmed">
        {FORMATS[report.format] ?? report.format} project
        {report.scorers.length > 0 && `, labelled by ${report.scorers.join(", ")}`}
        {matched > 0 && `; ${plural(matched, "image")} found again in the videos`}
        {report.unlabelled_images > 0 && `; ${plural(report.unlabelled_images, "image")} without labels`}
        {(report.out_of_domain ?? 0) > 0 && `; ${plural(report.out_of_domain ?? 0, "frame")} out of domain, which networks are tested on and do not learn from`}.
      </Text>
      <Group gap={6}>
        {report.keypoints.map((name) => (
          <Badge key={name} variant="default">
            {name}
          </Badge>
        ))}
      </Group>
      {real.length === 0 ? (
        <Alert color="petrol" icon={<IconCircleCheck />} p="xs">
          Everything fits.
        </Alert>
      ) : (
        <Accordion variant="separated" chevronPosition="left">
          {real.map(([title, items]) => (
            <Accordion.Item key={title} value={title}>
              <Accordion.Control icon={<IconAlertTriangle size={16} color="var(--tb-warn)" />}>
                {title} ({count(items.length)})
              </Accordion.Control>
              <Accordion.Panel>
                <Concern items={items} />
              </Accordion.Panel>
            </Accordion.Item>
          ))}
        </Accordion>
      )}
    </Stack>
  );
}

function Figure({ value, label }: { value: ReactNode; label: string }) {
  return (
    <div className={classes.figure}>
      <strong>{value}</strong>
      <span>{label}</span>
    </div>
  );
}

function Concern({ items }: { items: string[] }) {
  return (
    <List size="sm" mah={200} style={{ overflow: "auto" }}>
      {items.slice(0, LISTED).map((item, index) => (
        <List.Item key={index} style={{ overflowWrap: "anywhere" }}>
          {item}
        </List.Item>
      ))}
      {items.length > LISTED && <List.Item>and {count(items.length - LISTED)} more</List.Item>}
    </List>
  );
}
