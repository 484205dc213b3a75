import { Code, Group, Select, Stack, Text } from "@mantine/core";
import { useState } from "react";

import { Facts } from "@/components/Facts";
import { bytes, count, dateTime } from "@/core/format";
import { differences, flatten, type Value } from "@/core/trainSpec";
import { useModels, useTrainFields } from "@/data/models";
import type { Model } from "@/data/types";

import classes from "./ModelPage.module.css";

/** Everything that decided this training, and how another model's differed. */
export function SpecView({ project, model }: { project: string; model: Model }) {
  const fields = useTrainFields(project).data;
  const titles = new Map(fields?.map((field) => [field.path, field.title]));
  const title = (path: string) => titles.get(path) ?? path.replaceAll("_", " ").replace(".", ": ");
  const others = useModels(project).items.filter((one) => one.id !== model.id && one.preset !== "imported");
  const [chosen, setChosen] = useState<string | null>(null);
  const other = others.find((one) => one.id === chosen);
  return (
    <Stack gap="lg">
      <Facts
        facts={[
          ["Labels", `${count(model.label_summary.frames)} frames, ${count(model.label_summary.points)} points`],
          ["Made", dateTime(model.created_at)],
          ["Size", bytes(model.size_bytes)],
          ["SHA-256", model.sha256 ? <Code key="hash">{model.sha256}</Code> : "–"],
        ]}
      />
      <div>
        <Group justify="space-between" mb="xs">
          <Text fw={600}>Training</Text>
          {others.length > 0 && (
            <Select
              aria-label="Compare settings with"
              placeholder="Compare with another model"
              size="xs"
              w={240}
              clearable
              value={chosen}
              onChange={setChosen}
              data={others.map((one) => ({ value: one.id, label: one.name }))}
            />
          )}
        </Group>
        {other ? <Difference model={model} other={other} title={title} /> : <Facts facts={flatten(model.spec).map(([path, value]) => [title(path), written(value)])} />}
      </div>
    </Stack>
  );
}

interface DifferenceProps {
  model: Model;
  other: Model;
  title: (path: string) => string;
}

function Difference({ model, other, title }: DifferenceProps) {
  const rows = differences(model.spec, other.spec);
  if (rows.length === 0) return <Text c="dimmed">Both were trained with the same settings.</Text>;
  return (
    <table className={classes.errors} aria-label="Settings that differ">
      <thead>
        <tr>
          <th>Setting</th>
          <th>{model.name}</th>
          <th>{other.name}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([path, mine, theirs]) => (
          <tr key={path}>
            <td>{title(path)}</td>
            <td>{written(mine)}</td>
            <td>{written(theirs)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function written(value: Value | undefined): string {
  if (value === undefined) return "–";
  if (value === null) return "by itself";
  return typeof value === "object" ? `${value.length} entries` : String(value);
}
