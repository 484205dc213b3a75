import { Button, Group, PasswordInput, Stack, TextInput, Title } from "@mantine/core";
import { useForm } from "@mantine/form";

import { notifyDone } from "@/data/notify";
import { useChangePassword, useMe, useRename } from "@/data/session";
import type { User } from "@/data/types";

import { Tokens } from "./Tokens";

export function AccountPage() {
  const me = useMe().data?.user;
  if (!me) return null;
  return (
    <Stack maw={640} mx="auto" p="lg" gap="xl">
      <Title order={1}>Account</Title>
      <Profile user={me} />
      <Password />
      <section>
        <Title order={2} mb="sm">
          API tokens
        </Title>
        <Tokens />
      </section>
    </Stack>
  );
}

function Profile({ user }: { user: User }) {
  const rename = useRename(() => notifyDone("Saved."));
  const form = useForm({ initialValues: { name: user.name } });
  return (
    <form onSubmit={form.onSubmit(({ name }) => rename.mutate(name))}>
      <Stack gap="sm">
        <TextInput label="E-mail" value={user.email} readOnly />
        <Group align="flex-end" gap="xs">
          <TextInput label="Name" flex={1} required {...form.getInputProps("name")} />
          <Button type="submit" size="sm" variant="default" disabled={!form.isDirty()} loading={rename.isPending}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Password() {
  const form = useForm({
    initialValues: { current: "", new: "" },
    validate: { new: (value) => (value.length < 10 ? "At least 10 characters." : null) },
  });
  const change = useChangePassword(() => {
    notifyDone("Password changed.");
    form.reset();
  });
  return (
    <section>
      <Title order={2} mb="sm">
        Password
      </Title>
      <form onSubmit={form.onSubmit((values) => change.mutate(values))}>
        <Group align="flex-start" gap="xs">
          <PasswordInput label="Current" autoComplete="current-password" flex={1} required {...form.getInputProps("current")} />
          <PasswordInput label="New" autoComplete="new-password" flex={1} required {...form.getInputProps("new")} />
          <Button type="submit" size="sm" variant="default" mt={25} loading={change.isPending}>
            Change
          </Button>
        </Group>
      </form>
    </section>
  );
}
