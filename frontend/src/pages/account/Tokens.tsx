import { Alert, Button, Code, CopyButton, Group, Select, Skeleton, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useState } from "react";

import { ErrorState } from "@/components/ErrorState";
import { dateTime } from "@/core/format";
import { useCreateToken, useRevokeToken, useTokens } from "@/data/session";

import classes from "../settings/SettingsPage.module.css";

const LIFETIMES = [
  { value: "30", label: "30 days" },
  { value: "365", label: "1 year" },
  { value: "never", label: "Never" },
];

/** A person's tokens for scripts; each is shown once. */
export function Tokens() {
  const tokens = useTokens();
  const revoke = useRevokeToken();
  if (tokens.error && !tokens.data) return <ErrorState error={tokens.error} onRetry={() => void tokens.refetch()} />;
  return (
    <Stack maw={720} gap="md">
      <Text c="dimmed">Scripts, notebooks and the command line sign in with a token. It can do all that you can do.</Text>
      <NewToken />
      {tokens.isPending && <Skeleton height={80} />}
      {tokens.data?.length === 0 && <Text c="dimmed">You have no tokens.</Text>}
      {tokens.data && tokens.data.length > 0 && (
        <table className={classes.table} aria-label="Tokens">
          <thead>
            <tr>
              <th>Name</th>
              <th>Token</th>
              <th>Last used</th>
              <th>Expires</th>
              <th />
            </tr>
          </thead>
          <tbody>
            {tokens.data.map((token) => (
              <tr key={token.id}>
                <td>{token.name}</td>
                <td>
                  <Code>{token.prefix}…</Code>
                </td>
                <td>{token.last_used_at === null ? "never" : dateTime(token.last_used_at)}</td>
                <td>{token.expires_at === null ? "never" : dateTime(token.expires_at)}</td>
                <td style={{ textAlign: "right" }}>
                  <Button variant="default" size="compact-xs" onClick={() => revoke.mutate(token.id)}>
                    Revoke
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Stack>
  );
}

function NewToken() {
  const [made, setMade] = useState<string | null>(null);
  const form = useForm({ initialValues: { name: "", life: "365" } });
  const create = useCreateToken((reply) => {
    setMade(reply.token);
    form.reset();
  });
  const submit = form.onSubmit(({ name, life }) => create.mutate({ name, ...(life === "never" ? {} : { expires_in_days: Number(life) }) }));
  return (
    <form onSubmit={submit}>
      <Group align="flex-end" gap="xs">
        <TextInput label="New token" placeholder="What it is for" size="xs" flex={1} required maxLength={120} {...form.getInputProps("name")} />
        <Select label="Expires after" size="xs" w={120} data={LIFETIMES} allowDeselect={false} {...form.getInputProps("life")} />
        <Button type="submit" loading={create.isPending}>
          Make token
        </Button>
      </Group>
      {made !== null && (
        <Alert mt="sm" title="Copy it now: it is shown this once" withCloseButton onClose={() => setMade(null)}>
          <Group gap="xs" wrap="nowrap">
            <Code style={{ overflowWrap: "anywhere" }}>{made}</Code>
            <CopyButton value={made}>
              {({ copied, copy }) => (
                <Button variant="default" onClick={copy} style={{ flex: "none" }}>
                  {copied ? "Copied" : "Copy"}
                </Button>
              )}
            </CopyButton>
          </Group>
        </Alert>
      )}
    </form>
  );
}
