import { Alert, Checkbox } from "@mantine/core";

interface Props {
  animals: number;
  separate: boolean;
  onChange: (separate: boolean) => void;
}

/** Labels of several animals are trained on only where somebody says so, knowing what it means. */
export function AnimalsChoice({ animals, separate, onChange }: Props) {
  if (animals < 2) return null;
  return (
    <Alert color={separate ? "gray" : "orange"} title={`Your labels are of ${animals} animals`}>
      <Checkbox
        size="sm"
        checked={separate}
        onChange={(event) => onChange(event.currentTarget.checked)}
        label="Train each animal as a set of keypoints of its own"
        description="The network tells the animals apart by their looks and places alone, so this suits animals that differ, such as a marked and an unmarked one, not animals that look the same."
      />
    </Alert>
  );
}
