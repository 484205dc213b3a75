import { Code, Stack, Text } from "@mantine/core";

import { Facts } from "@/components/Facts";
import { bytes, count, dateTime } from "@/core/format";
import type { Model } from "@/data/types";

/** Everything that decided this training, flat: "augment.scale" and so on. */
function flat(value: object, prefix = ""): [string, string][] {
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]): [string, string][] => {
    const name = prefix + key.replaceAll("_", " ");
    if (typeof inner === "object" && inner !== null && !Array.isArray(inner)) return flat(inner, `${name}: `);
    return [[name, Array.isArray(inner) ? `${inner.length} entries` : String(inner)]];
  });
}

export function SpecView({ model }: { model: Model }) {
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
        <Text fw={600} mb={4}>
          Training
        </Text>
        <Facts facts={flat(model.spec)} />
      </div>
    </Stack>
  );
}
