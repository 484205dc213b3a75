import { ActionIcon, Group, Select, TextInput, Tooltip } from "@mantine/core";
import { IconPencil, IconPlus } from "@tabler/icons-react";
import { memo, useState, type KeyboardEvent } from "react";

import { useAddIndividual, useRenameIndividual, type Individual } from "@/data/individuals";

interface Props {
  projectId: string;
  individuals: readonly Individual[];
  individual: string;
  mayChange: boolean;
  onChoose: (id: string) => void;
}

/** Which animal is labelled; animals are added and named here too. */
export const AnimalPicker = memo(function AnimalPicker({ projectId, individuals, individual, mayChange, onChoose }: Props) {
  const [naming, setNaming] = useState<"new" | "rename" | null>(null);
  const done = () => setNaming(null);
  const add = useAddIndividual(projectId, (made) => {
    done();
    onChoose(made.id);
  });
  const rename = useRenameIndividual(projectId, done);
  const current = individuals.find((one) => one.id === individual);
  if (naming !== null) {
    const store = (name: string) => {
      if (name === "" || name === current?.name) done();
      else if (naming === "new") add.mutate(name);
      else rename.mutate({ id: individual, name });
    };
    return <NameField key={naming} label={naming === "new" ? "Name of the new animal" : "Name of the animal"} start={naming === "new" ? `animal ${individuals.length + 1}` : (current?.name ?? "")} onName={store} onCancel={done} />;
  }
  return (
    <Group gap={2} wrap="nowrap">
      <Select
        style={{ flex: 1 }}
        size="xs"
        aria-label="Animal"
        data={individuals.map((one) => ({ value: one.id, label: one.name }))}
        value={individual}
        allowDeselect={false}
        onChange={(id) => {
          if (id !== null) onChoose(id);
        }}
        comboboxProps={{ onClose: blurActive }}
      />
      {mayChange && (
        <>
          <Tooltip label="Rename this animal">
            <ActionIcon aria-label="Rename this animal" onClick={() => setNaming("rename")}>
              <IconPencil size={15} />
            </ActionIcon>
          </Tooltip>
          <Tooltip label="Add an animal">
            <ActionIcon aria-label="Add an animal" onClick={() => setNaming("new")}>
              <IconPlus size={15} />
            </ActionIcon>
          </Tooltip>
        </>
      )}
    </Group>
  );
});

/** Keys go to the image again once an animal is chosen. */
function blurActive(): void {
  if (document.activeElement instanceof HTMLInputElement) document.activeElement.blur();
}

interface NameProps {
  label: string;
  start: string;
  onName: (name: string) => void;
  onCancel: () => void;
}

function NameField({ label, start, onName, onCancel }: NameProps) {
  const [name, setName] = useState(start);
  const key = (event: KeyboardEvent) => {
    if (event.key === "Enter") onName(name.trim());
    if (event.key === "Escape") onCancel();
  };
  return (
    <TextInput
      size="xs"
      aria-label={label}
      maxLength={120}
      value={name}
      autoFocus
      onFocus={(event) => event.currentTarget.select()}
      onChange={(event) => setName(event.currentTarget.value)}
      onKeyDown={key}
      onBlur={onCancel}
    />
  );
}
