import { Button, Loader, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useEffect, useRef } from "react";

import { type LinkAnswer, useAcceptLink, useLinkInfo } from "@/data/session";
import type { LinkInfo } from "@/data/types";

import { BackToSignIn, LoginCard, LoginProblem } from "./LoginPage";

interface Props {
  token: string;
  onDone: () => void;
}

const TITLES = {
  owner: "Welcome to Tailbase",
  login: "Signing in",
  invite: "Accept the invitation",
  reset: "Choose a new password",
} as const;

/** A one-time link. It is consumed by POST; a link that only signs in does so by itself. */
export function LinkForm({ token, onDone }: Props) {
  const info = useLinkInfo(token);
  if (info.error) {
    return (
      <LoginCard title="This link does not work">
        <Stack gap="sm">
          <LoginProblem error={info.error} />
          <BackToSignIn />
        </Stack>
      </LoginCard>
    );
  }
  if (!info.data) return <LoginCard title="One moment"><Loader size="sm" /></LoginCard>;
  if (info.data.needs.length === 0) return <Automatic token={token} onDone={onDone} purpose={info.data.purpose} />;
  return <Answers token={token} onDone={onDone} info={info.data} />;
}

function Automatic({ token, onDone, purpose }: Props & { purpose: LinkInfo["purpose"] }) {
  const accept = useAcceptLink(onDone);
  const { mutate } = accept;
  const sent = useRef(false);
  useEffect(() => {
    if (sent.current) return;
    sent.current = true;
    mutate({ token });
  }, [mutate, token]);
  return (
    <LoginCard title={accept.error ? "This link does not work" : TITLES[purpose]}>
      {accept.error ? (
        <Stack gap="sm">
          <LoginProblem error={accept.error} />
          <BackToSignIn />
        </Stack>
      ) : (
        <Loader size="sm" />
      )}
    </LoginCard>
  );
}

function Answers({ token, onDone, info }: Props & { info: LinkInfo }) {
  const accept = useAcceptLink(onDone);
  const needs = (field: LinkInfo["needs"][number]) => info.needs.includes(field);
  const form = useForm({
    initialValues: { email: info.email ?? "", name: "", password: "" },
    validate: { password: (value) => (needs("password") && value.length < 10 ? "At least 10 characters." : null) },
  });
  const submit = form.onSubmit((values) => {
    const answer: LinkAnswer = { token };
    if (needs("email")) answer.email = values.email;
    if (needs("name")) answer.name = values.name;
    if (needs("password")) answer.password = values.password;
    accept.mutate(answer);
  });
  return (
    <LoginCard title={TITLES[info.purpose]}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          <Text c="dimmed">{sentence(info)}</Text>
          {accept.error && <LoginProblem error={accept.error} />}
          {needs("email") && <TextInput label="E-mail" type="email" autoComplete="username" required {...form.getInputProps("email")} />}
          {needs("name") && <TextInput label="Your name" autoComplete="name" required {...form.getInputProps("name")} />}
          {needs("password") && (
            <PasswordInput
              label="Password"
              description="At least 10 characters."
              autoComplete="new-password"
              required
              {...form.getInputProps("password")}
            />
          )}
          <Button type="submit" size="sm" fullWidth loading={accept.isPending} mt={4}>
            Continue
          </Button>
        </Stack>
      </form>
    </LoginCard>
  );
}

function sentence(info: LinkInfo): string {
  if (info.purpose === "owner") return "You are the first here. Make the account that owns this installation.";
  if (info.purpose === "invite") return `You were invited to ${info.project_name ?? "a project"}${info.email ? ` as ${info.email}` : ""}.`;
  return "Choose a password you use nowhere else.";
}
