import { Stack, Text } from "@mantine/core";

import { Curve } from "@/components/Curve";
import { decimal, plural } from "@/core/format";
import type { Prelabels } from "@/data/types";

/** The error of each round of pre-labels, and what more labels should buy. */
export function Learning({ found }: { found: Prelabels }) {
  const measured = found.rounds.filter((round) => round.error_px !== null);
  const { forecast } = found;
  if (measured.length === 0) return <Text c="dimmed">The first round tells how far the network is from people.</Text>;
  return (
    <Stack gap={4}>
      <Text fw={600}>Error in frames no round has seen</Text>
      <Curve
        label="Error by number of labelled frames"
        xLabel="labelled frames"
        height={180}
        x={measured.map((round) => round.labels)}
        series={[{ label: "error (px)", color: "--tb-curve-train", values: measured.map((round) => round.error_px), digits: 2, side: "left" }]}
      />
      <Text>
        {forecast
          ? `${forecast.more} more labels should bring it from ${decimal(forecast.now_px)} to ${decimal(forecast.then_px)} px (nine times in ten between ${decimal(forecast.low_px)} and ${decimal(forecast.high_px)}).`
          : `${plural(found.rounds_needed, "more round")} will tell what 50 more labels should bring.`}
      </Text>
    </Stack>
  );
}
