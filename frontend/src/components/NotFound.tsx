import { Button, Center } from "@mantine/core";
import { IconMapOff } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";

import { EmptyState } from "./EmptyState";

export function NotFound() {
  return (
    <Center h="100%">
      <EmptyState icon={IconMapOff} action={<Button component={Link} to="/">All projects</Button>}>
        There is no such page.
      </EmptyState>
    </Center>
  );
}
