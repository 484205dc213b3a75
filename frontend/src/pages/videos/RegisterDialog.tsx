import { Button, Checkbox, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";

import { FolderBrowser, type Place } from "@/components/FolderBrowser";
import { plural } from "@/core/format";
import { notifyDone } from "@/data/notify";
import { useRegister } from "@/data/videos";

interface Props {
  project: string;
  opened: boolean;
  onClose: () => void;
}

export function RegisterDialog({ project, opened, onClose }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title="Videos from a folder of the server" size="lg">
      <RegisterForm project={project} onClose={onClose} />
    </Modal>
  );
}

function RegisterForm({ project, onClose }: { project: string; onClose: () => void }) {
  const [place, setPlace] = useState<Place>({ root: null, path: "" });
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [pattern, setPattern] = useState("*.mp4");
  const [recursive, setRecursive] = useState(true);
  const register = useRegister(project, ({ registered, skipped }) => {
    const known = skipped > 0 ? `; ${plural(skipped, "file")} left out (known already, or no video)` : "";
    notifyDone(`${plural(registered, "video")} registered${known}.`);
    onClose();
  });
  const { root, path } = place;
  return (
    <Stack gap="sm">
      <Text c="dimmed">Nothing is copied: the videos stay where they are and are only read.</Text>
      <FolderBrowser
        place={place}
        onPlace={(next) => {
          if (next.root !== place.root) setChosen(new Set());
          setPlace(next);
        }}
        chosen={chosen}
        onChoose={setChosen}
      />
      {root !== null && chosen.size === 0 && (
        <Group align="flex-end" gap="sm">
          <TextInput label="Or all files that match" value={pattern} onChange={(event) => setPattern(event.currentTarget.value)} w={160} size="xs" />
          <Checkbox
            label="also in folders below"
            checked={recursive}
            onChange={(event) => setRecursive(event.currentTarget.checked)}
            mb={8}
          />
        </Group>
      )}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        {chosen.size > 0 || root === null ? (
          <Button
            disabled={root === null || chosen.size === 0}
            loading={register.isPending}
            onClick={() => root !== null && register.mutate({ root, paths: [...chosen], pattern, recursive })}
          >
            {chosen.size === 0 ? "Register" : `Register ${plural(chosen.size, "video")}`}
          </Button>
        ) : (
          <Button
            disabled={pattern === ""}
            loading={register.isPending}
            onClick={() => register.mutate({ root, folder: path, pattern, recursive })}
          >
            Register all in {path === "" ? root : (path.split("/").at(-1) ?? root)}
          </Button>
        )}
      </Group>
    </Stack>
  );
}
