import { Button, Group, Text } from "@mantine/core";
import { memo } from "react";

import classes from "./labeller.module.css";
import type { Act } from "./useAct";

interface Props {
  act: Act;
  submitted: boolean;
  /** Whether a second person was asked to label the frame, and whether what they said is shown. */
  twice: boolean;
  comparing: boolean;
}

/** What a reviewer may say about a frame, and look at. */
export const ReviewBar = memo(function ReviewBar({ act, submitted, twice, comparing }: Props) {
  return (
    <Group className={classes.review} gap="xs" role="group" aria-label="Review" onMouseDown={(event) => event.preventDefault()}>
      {submitted && (
        <>
          <Text size="sm">Submitted</Text>
          <Button size="compact-sm" title="Shift+Enter" onClick={() => act((c) => c.accept())}>
            Accept
          </Button>
          <Button size="compact-sm" variant="default" title="Shift+Backspace" onClick={() => act((c) => c.show("return", true))}>
            Return
          </Button>
        </>
      )}
      {twice && (
        <Button size="compact-sm" variant="default" title="J" aria-pressed={comparing} onClick={() => act((c) => c.toggle("compare"))}>
          {comparing ? "Hide the second person's points" : "Compare with the second person"}
        </Button>
      )}
    </Group>
  );
});
