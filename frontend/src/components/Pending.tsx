import { Center, Loader } from "@mantine/core";

/** Stands where a page is still being fetched. */
export function Pending() {
  return (
    <Center h="100%" mih={240}>
      <Loader size="sm" aria-label="Loading" />
    </Center>
  );
}
