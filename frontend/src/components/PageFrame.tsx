import { Group, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

import classes from "./PageFrame.module.css";

interface Props {
  title: ReactNode;
  note?: ReactNode;
  actions?: ReactNode;
  /** A second row: filters and bulk actions. */
  toolbar?: ReactNode;
  children: ReactNode;
}

/** Title and actions on top, work below; the body scrolls, the head stays. */
export function PageFrame({ title, note, actions, toolbar, children }: Props) {
  return (
    <section className={classes.page}>
      <header className={classes.head}>
        <Group gap="sm" wrap="nowrap" miw={0}>
          <Title order={1} className="truncate">
            {title}
          </Title>
          {note && (
            <Text c="dimmed" className="truncate">
              {note}
            </Text>
          )}
        </Group>
        <Group gap="xs" wrap="nowrap">
          {actions}
        </Group>
      </header>
      {toolbar && <div className={classes.toolbar}>{toolbar}</div>}
      <div className={classes.body}>{children}</div>
    </section>
  );
}
