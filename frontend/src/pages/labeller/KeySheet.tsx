import { Kbd, Modal, Table } from "@mantine/core";

import { ACTIONS } from "@/actions/all";

const MOUSE: readonly (readonly [string, string])[] = [
  ["Click", "Place the chosen keypoint and go to the next"],
  ["Drag", "Move a point (Shift: the whole pose)"],
  ["Right click", "Absent"],
  ["Wheel", "Zoom at the pointer"],
  ["Space + drag", "Move the image"],
];

export function KeySheet({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="Keys" size="lg">
      <Table verticalSpacing={4}>
        <Table.Tbody>
          {MOUSE.map(([keys, title]) => (
            <SheetRow key={keys} keys={[keys]} title={title} />
          ))}
          {ACTIONS.map((action) => (
            <SheetRow key={action.id} keys={shortened(action.keys)} title={action.title} />
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  );
}

function SheetRow({ keys, title }: { keys: readonly string[]; title: string }) {
  return (
    <Table.Tr>
      <Table.Td w={190}>
        {keys.map((key) => (
          <Kbd key={key} size="xs" mr={4}>
            {key}
          </Kbd>
        ))}
      </Table.Td>
      <Table.Td>{title}</Table.Td>
    </Table.Tr>
  );
}

/** Long rows of keys are shown by their first and last. */
const shortened = (keys: readonly string[]): readonly string[] =>
  keys.some((key) => key.includes("Arrow"))
    ? ["← → ↑ ↓"]
    : keys.length > 4
      ? [`${keys[0] ?? ""} … ${keys.at(-1) ?? ""}`]
      : keys;
