import { Alert, Anchor, Button, Paper, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { asProblem } from "@/data/problem";
import { useSignIn } from "@/data/session";
import { Logo } from "@/layout/Logo";

import { LinkForm } from "./LinkForm";
import classes from "./LoginPage.module.css";

export function LoginPage() {
  const { link, next } = useSearch({ from: "/login" });
  const navigate = useNavigate();
  const enter = () => void navigate({ href: safeNext(next), replace: true });
  return (
    <main className={classes.page}>
      <div className={classes.column}>
        <div className={classes.brand}>
          <Logo size={32} />
          <span>Tailbase</span>
        </div>
        {link === undefined ? <SignIn onDone={enter} /> : <LinkForm token={link} onDone={enter} />}
        <Text c="dimmed" ta="center" size="xs">
          From videos of animals to poses.
        </Text>
      </div>
    </main>
  );
}

/** Only addresses of this site: "//elsewhere" and "https://…" would lead away after signing in. */
function safeNext(next: string | undefined): string {
  return next !== undefined && /^\/(?![/\\])/.test(next) ? next : "/";
}

export function LoginCard({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Paper withBorder p="lg" radius="md" className={classes.card}>
      <Title order={1} size="h2" mb="md">
        {title}
      </Title>
      {children}
    </Paper>
  );
}

function SignIn({ onDone }: { onDone: () => void }) {
  const signIn = useSignIn(onDone);
  const form = useForm({ initialValues: { email: "", password: "" } });
  return (
    <LoginCard title="Sign in">
      <form onSubmit={form.onSubmit((values) => signIn.mutate(values))}>
        <Stack gap="sm">
          {signIn.error && <LoginProblem error={signIn.error} />}
          <TextInput label="E-mail" type="email" autoComplete="username" required autoFocus {...form.getInputProps("email")} />
          <PasswordInput label="Password" autoComplete="current-password" required {...form.getInputProps("password")} />
          <Button type="submit" size="sm" fullWidth loading={signIn.isPending} mt={4}>
            Sign in
          </Button>
        </Stack>
      </form>
    </LoginCard>
  );
}

export function LoginProblem({ error }: { error: unknown }) {
  const problem = asProblem(error);
  return (
    <Alert color="orange" role="alert" p="xs">
      {problem.detail || problem.title}
    </Alert>
  );
}

export function BackToSignIn() {
  return (
    <Anchor href="/login" size="sm">
      Sign in with e-mail and password
    </Anchor>
  );
}
