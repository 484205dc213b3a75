import { Center, Stack, Text } from "@mantine/core";
import { Dropzone } from "@mantine/dropzone";
import { IconUpload } from "@tabler/icons-react";

/** Takes files dropped anywhere on the page. What is no video, the server says, with the reason. */
export function DropAnywhere({ onFiles }: { onFiles: (files: File[]) => void }) {
  return (
    <Dropzone.FullScreen active onDrop={onFiles}>
      <Center h="60vh" style={{ pointerEvents: "none" }}>
        <Stack align="center" gap="xs">
          <IconUpload size={40} stroke={1.2} />
          <Text size="lg" fw={600}>
            Drop videos to upload them
          </Text>
        </Stack>
      </Center>
    </Dropzone.FullScreen>
  );
}
