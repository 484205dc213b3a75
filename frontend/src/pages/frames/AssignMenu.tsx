import { Button, Menu } from "@mantine/core";
import { IconUser } from "@tabler/icons-react";

import { plural } from "@/core/format";
import { notifyDone } from "@/data/notify";
import { useMembers } from "@/data/projects";
import { useAssign } from "@/data/review";

const LABELLERS = ["owner", "editor", "annotator", "reviewer"];

/** Hands the chosen frames to a person, to label or to label a second time. */
export function AssignMenu({ project, chosen }: { project: string; chosen: ReadonlySet<string> }) {
  const members = (useMembers(project).data ?? []).filter((member) => LABELLERS.includes(member.role));
  const assign = useAssign(project, (assigned) => notifyDone(`${plural(assigned, "frame")} handed out.`));
  const give = (assignee: string | null, second: boolean) => assign.mutate({ assignee, second, frame_ids: [...chosen] });
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <Button variant="default" leftSection={<IconUser size={14} />} loading={assign.isPending}>
          Assign
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>To label</Menu.Label>
        {members.map((member) => (
          <Menu.Item key={member.user_id} onClick={() => give(member.user_id, false)}>
            {member.name}
          </Menu.Item>
        ))}
        <Menu.Item onClick={() => give(null, false)}>Nobody</Menu.Item>
        <Menu.Label>A second time</Menu.Label>
        {members.map((member) => (
          <Menu.Item key={member.user_id} onClick={() => give(member.user_id, true)}>
            {member.name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
