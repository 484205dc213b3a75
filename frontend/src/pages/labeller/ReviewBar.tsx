import { Button, Group, Text } from "@mantine/core";
import { memo } from "react";

import classes from "./labeller.module.css";
import type { Act } from "./useAct";

/** What a reviewer may say about a submitted frame. */
export const ReviewBar = memo(function ReviewBar({ act }: { act: Act }) {
  return (
    <Group className={classes.review} gap="xs" role="group" aria-label="Review" onMouseDown={(event) => event.preventDefault()}>
      <Text size="sm">Submitted</Text>
      <Button size="compact-sm" title="Shift+Enter" onClick={() => act((c) => c.accept())}>
        Accept
      </Button>
      <Button size="compact-sm" variant="default" title="Shift+Backspace" onClick={() => act((c) => c.show("return", true))}>
        Return
      </Button>
    </Group>
  );
});
