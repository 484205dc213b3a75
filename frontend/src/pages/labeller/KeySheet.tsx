import { Button, Group, Kbd, Modal, Table, Text } from "@mantine/core";
import { memo, useState } from "react";

import type { LabelAction } from "@/actions/action";
import { ACTIONS, GROUPS } from "@/actions/all";
import { assign, isFree, keysOf, type ChosenKeys } from "@/core/keyMap";
import { strokeName } from "@/core/keys";

import classes from "./labeller.module.css";

const MOUSE: readonly (readonly [string, string])[] = [
  ["Click", "Place the chosen keypoint and go to the next; on a prediction: confirm it"],
  ["Drag", "Move a point; on an empty place: move the image"],
  ["Shift+drag", "Move the whole pose"],
  ["Ctrl+drag", "Turn the pose; with Shift also make it larger or smaller"],
  ["Right click, long touch", "Absent"],
  ["Wheel, pinch", "Zoom"],
  ["Space+drag", "Move the image"],
];

interface Props {
  opened: boolean;
  chosen: ChosenKeys;
  onChosen: (next: ChosenKeys) => void;
  onClose: () => void;
}

/** Every key, and how to choose another: press "Change", then the new key. */
export const KeySheet = memo(function KeySheet({ opened, chosen, onChosen, onClose }: Props) {
  const [asking, setAsking] = useState<string | null>(null);
  const close = () => {
    setAsking(null);
    onClose();
  };
  const take = (event: React.KeyboardEvent) => {
    if (asking === null) return;
    event.preventDefault();
    event.stopPropagation();
    const stroke = strokeName(event);
    if (stroke === "Escape") setAsking(null);
    else if (isFree(stroke)) {
      onChosen(assign(ACTIONS, chosen, asking, stroke));
      setAsking(null);
    }
  };
  return (
    <Modal opened={opened} onClose={close} title="Keys" size="lg" closeOnEscape={asking === null} onKeyDownCapture={take}>
      <Group justify="space-between" mb="xs">
        <Text c="dimmed">Keys are remembered in this browser.</Text>
        <Button variant="default" disabled={Object.keys(chosen).length === 0} onClick={() => onChosen({})}>
          All as they were
        </Button>
      </Group>
      <Table verticalSpacing={3}>
        <Table.Tbody>
          <Heading title="Mouse and touch" />
          {MOUSE.map(([keys, title]) => (
            <Table.Tr key={keys}>
              <Table.Td>{title}</Table.Td>
              <Table.Td className={classes.sheetKeys}>
                <Kbd size="xs">{keys}</Kbd>
              </Table.Td>
              <Table.Td />
            </Table.Tr>
          ))}
          {GROUPS.flatMap((group) => [
            <Heading key={group.title} title={group.title} />,
            ...group.actions.map((action) => (
              <KeyRow key={action.id} action={action} keys={keysOf(action, chosen)} asking={asking === action.id} onAsk={() => setAsking(action.id)} />
            )),
          ])}
        </Table.Tbody>
      </Table>
    </Modal>
  );
});

const Heading = ({ title }: { title: string }) => (
  <Table.Tr>
    <Table.Th colSpan={3} className={classes.sheetHead}>
      {title}
    </Table.Th>
  </Table.Tr>
);

interface RowProps {
  action: LabelAction;
  keys: readonly string[];
  asking: boolean;
  onAsk: () => void;
}

function KeyRow({ action, keys, asking, onAsk }: RowProps) {
  return (
    <Table.Tr>
      <Table.Td>{action.title}</Table.Td>
      <Table.Td className={classes.sheetKeys}>
        {asking ? (
          <Text size="sm" c="var(--tb-busy)">
            Press a key
          </Text>
        ) : (
          keys.map((key) => (
            <Kbd key={key} size="xs" mr={4}>
              {key}
            </Kbd>
          ))
        )}
        {!asking && keys.length === 0 && (
          <Text size="sm" c="dimmed">
            no key
          </Text>
        )}
      </Table.Td>
      <Table.Td w={72}>
        <Button size="compact-xs" variant="subtle" aria-label={`Change the key of: ${action.title}`} onClick={onAsk}>
          Change
        </Button>
      </Table.Td>
    </Table.Tr>
  );
}
