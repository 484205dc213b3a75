import { Center } from "@mantine/core";
import { type ErrorComponentProps, useRouter } from "@tanstack/react-router";

import { ErrorState } from "./ErrorState";

/** Stands in for a page that could not be loaded or drawn. */
export function RouteError({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const retry = () => {
    reset();
    void router.invalidate();
  };
  return (
    <Center h="100%">
      <ErrorState error={error} onRetry={retry} />
    </Center>
  );
}
