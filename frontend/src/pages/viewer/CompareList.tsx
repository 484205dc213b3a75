import { Checkbox, Text } from "@mantine/core";

import type { Prediction } from "@/data/types";

import { colorOf, nameOf } from "./tracks";
import classes from "./viewer.module.css";

interface Props {
  viewed: Prediction;
  siblings: readonly Prediction[];
  chosen: readonly string[];
  onChoose: (ids: string[]) => void;
}

/** The other predictions of this video, to lay beside the one that is viewed; an ensemble's members come first. */
export function CompareList({ viewed, siblings, chosen, onChoose }: Props) {
  const members = new Map(viewed.members.map((member, order) => [member.id, order]));
  const others = siblings.map((one, place) => ({ one, place })).filter(({ one }) => one.id !== viewed.id);
  if (others.length === 0) return null;
  const orderOf = ({ one }: { one: Prediction }) => members.get(one.id) ?? members.size;
  const rows = others.sort((a, b) => orderOf(a) - orderOf(b));
  const toggle = (id: string) => onChoose(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id]);
  return (
    <section className={classes.compare} aria-label="Compare with">
      <Text size="sm" fw={600} pb={4}>
        {members.size > 0 ? "Members and others" : "Compare with"}
      </Text>
      {rows.map(({ one, place }) => (
        <Checkbox
          key={one.id}
          checked={chosen.includes(one.id)}
          onChange={() => toggle(one.id)}
          label={
            <span className={classes.compared}>
              <span className={classes.line} style={{ background: colorOf(place) }} />
              <span className="truncate" title={nameOf(one)}>
                {nameOf(one)}
              </span>
            </span>
          }
        />
      ))}
    </section>
  );
}
