import { ActionIcon, Alert, Button, CopyButton, Group, Select, Skeleton, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { IconKey, IconX } from "@tabler/icons-react";
import { useState } from "react";

import { ErrorState } from "@/components/ErrorState";
import { notifyDone } from "@/data/notify";
import { useChangeRole, useInvite, useMembers, useRemoveMember } from "@/data/projects";
import { useMe, useResetLink } from "@/data/session";
import type { Project, Role } from "@/data/types";

import classes from "./SettingsPage.module.css";

const ROLES: { value: Role; label: string; explain: string }[] = [
  { value: "owner", label: "Owner", explain: "everything, also members and emptying the trash" },
  { value: "editor", label: "Editor", explain: "videos, frames, labels, training and prediction" },
  { value: "annotator", label: "Annotator", explain: "labels and hands in frames" },
  { value: "reviewer", label: "Reviewer", explain: "labels and accepts frames" },
  { value: "viewer", label: "Viewer", explain: "looks" },
];

export function Members({ project }: { project: Project }) {
  const members = useMembers(project.id);
  const changeRole = useChangeRole(project.id);
  const remove = useRemoveMember(project.id);
  const [reset, setReset] = useState<string | null>(null);
  const resetLink = useResetLink((reply) => setReset(reply.url));
  const admin = useMe().data?.user.is_admin === true;
  const owner = project.role === "owner";
  if (members.error && !members.data) return <ErrorState error={members.error} onRetry={() => void members.refetch()} />;
  if (!members.data) return <Skeleton height={200} />;
  return (
    <Stack maw={720} gap="lg">
      {owner && <Invite project={project.id} />}
      {reset !== null && <LinkToSend title="Send this link to the person; it works for 30 minutes" link={reset} onClose={() => setReset(null)} />}
      <table className={classes.table} aria-label="Members">
        <tbody>
          {members.data.map((member) => (
            <tr key={member.user_id}>
              <td>
                <Text fw={500}>{member.name}</Text>
                <Text size="xs" c="dimmed">
                  {member.email}
                </Text>
              </td>
              <td style={{ width: 160 }}>
                <Select
                  size="xs"
                  aria-label={`Role of ${member.name}`}
                  data={ROLES}
                  value={member.role}
                  readOnly={!owner}
                  allowDeselect={false}
                  onChange={(role) => changeRole.mutate({ user: member.user_id, role: role ?? member.role })}
                />
              </td>
              <td style={{ width: 72, whiteSpace: "nowrap" }}>
                {admin && (
                  <ActionIcon
                    aria-label={`Link for a forgotten password of ${member.name}`}
                    title="Link for a forgotten password"
                    onClick={() => resetLink.mutate(member.email)}
                  >
                    <IconKey size={14} />
                  </ActionIcon>
                )}
                {owner && (
                  <ActionIcon aria-label={`Remove ${member.name}`} onClick={() => remove.mutate(member.user_id)}>
                    <IconX size={14} />
                  </ActionIcon>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <Stack gap={2}>
        {ROLES.map((role) => (
          <Text key={role.value} size="xs" c="dimmed">
            {role.label}: {role.explain}.
          </Text>
        ))}
      </Stack>
    </Stack>
  );
}

function Invite({ project }: { project: string }) {
  const [link, setLink] = useState<string | null>(null);
  const form = useForm({ initialValues: { email: "", role: "annotator" } });
  const invite = useInvite(project, (reply) => {
    setLink(reply.invite_url ?? null);
    if (!reply.invite_url) notifyDone("Member added.");
    form.reset();
  });
  return (
    <form onSubmit={form.onSubmit((values) => invite.mutate({ email: values.email, role: values.role as Role }))}>
      <Group align="flex-end" gap="xs">
        <TextInput label="Add a person" placeholder="E-mail" type="email" required size="xs" flex={1} {...form.getInputProps("email")} />
        <Select size="xs" w={140} aria-label="Role" data={ROLES} allowDeselect={false} {...form.getInputProps("role")} />
        <Button type="submit" loading={invite.isPending}>
          Add
        </Button>
      </Group>
      {link !== null && <LinkToSend title="Send this link to the person" link={link} onClose={() => setLink(null)} />}
    </form>
  );
}

function LinkToSend({ title, link, onClose }: { title: string; link: string; onClose: () => void }) {
  return (
    <Alert mt="sm" title={title} withCloseButton closeButtonLabel="Close" onClose={onClose}>
      <Group gap="xs" wrap="nowrap">
        <Text ff="monospace" size="xs" style={{ overflowWrap: "anywhere" }}>
          {link}
        </Text>
        <CopyButton value={link}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy} style={{ flex: "none" }}>
              {copied ? "Copied" : "Copy"}
            </Button>
          )}
        </CopyButton>
      </Group>
    </Alert>
  );
}
