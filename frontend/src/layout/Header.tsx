import { ActionIcon, Group, Menu, Tooltip, UnstyledButton, useMantineColorScheme } from "@mantine/core";
import { IconActivity, IconCheck, IconDeviceDesktop, IconLogout, IconMoon, IconSelector, IconSun, IconUserCircle } from "@tabler/icons-react";
import { Link, useNavigate, useParams } from "@tanstack/react-router";

import { plural } from "@/core/format";
import { isActive, useJobs } from "@/data/jobs";
import { useProjects } from "@/data/projects";
import { useMe, useSignOut } from "@/data/session";

import classes from "./AppLayout.module.css";
import { Logo } from "./Logo";

export function Header() {
  const { projectId } = useParams({ strict: false });
  return (
    <header className={classes.header}>
      <Group gap={6} wrap="nowrap">
        <Link to="/" className={classes.brand} aria-label="Tailbase, all projects">
          <Logo />
          Tailbase
        </Link>
        {projectId && (
          <>
            <span className={classes.slash}>/</span>
            <ProjectSwitch current={projectId} />
          </>
        )}
      </Group>
      <Group gap={4} wrap="nowrap">
        {projectId && <JobActivity project={projectId} />}
        <ThemeMenu />
        <AccountMenu />
      </Group>
    </header>
  );
}

function ProjectSwitch({ current }: { current: string }) {
  const { items } = useProjects();
  const name = items.find((project) => project.id === current)?.name ?? "Project";
  return (
    <Menu position="bottom-start" width={260}>
      <Menu.Target>
        <UnstyledButton className={classes.switch} aria-label={`${name}: switch project`}>
          <span className="truncate">{name}</span>
          <IconSelector size={14} color="var(--tb-muted)" />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown mah="60vh" style={{ overflow: "auto" }}>
        {items.map((project) => (
          <Menu.Item
            key={project.id}
            component={Link}
            to={`/projects/${project.id}/videos`}
            rightSection={project.id === current ? <IconCheck size={14} /> : null}
          >
            {project.name}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item component={Link} to="/">
          All projects
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** Says how many jobs are under way; quiet when none is. */
function JobActivity({ project }: { project: string }) {
  const active = useJobs(project).items.filter((job) => isActive(job.state));
  const running = active.filter((job) => job.state === "running").length;
  const label = active.length === 0 ? "No jobs under way" : `${plural(running, "job")} running, ${active.length - running} waiting`;
  return (
    <Tooltip label={label}>
      <ActionIcon
        component={Link}
        to={`/projects/${project}/jobs`}
        aria-label={label}
        variant={active.length > 0 ? "light" : "subtle"}
        color={active.length > 0 ? "petrol" : "gray"}
        w={active.length > 0 ? 48 : 28}
      >
        <IconActivity size={16} />
        {active.length > 0 && <span style={{ marginLeft: 4, fontSize: 12, fontWeight: 600 }}>{active.length}</span>}
      </ActionIcon>
    </Tooltip>
  );
}

const SCHEMES = [
  { value: "auto", label: "Like the system", icon: IconDeviceDesktop },
  { value: "light", label: "Light", icon: IconSun },
  { value: "dark", label: "Dark", icon: IconMoon },
] as const;

function ThemeMenu() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const Current = SCHEMES.find((scheme) => scheme.value === colorScheme)?.icon ?? IconDeviceDesktop;
  return (
    <Menu position="bottom-end" width={180}>
      <Menu.Target>
        <ActionIcon aria-label="Theme">
          <Current size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {SCHEMES.map(({ value, label, icon: Icon }) => (
          <Menu.Item
            key={value}
            leftSection={<Icon size={14} />}
            rightSection={value === colorScheme ? <IconCheck size={14} /> : null}
            onClick={() => setColorScheme(value)}
          >
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function AccountMenu() {
  const navigate = useNavigate();
  const me = useMe().data?.user;
  const signOut = useSignOut(() => void navigate({ to: "/login" }));
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <ActionIcon aria-label="Account">
          <IconUserCircle size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{me?.name ? `${me.name} · ${me.email}` : me?.email}</Menu.Label>
        <Menu.Item component={Link} to="/account" leftSection={<IconUserCircle size={14} />}>
          Account and tokens
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={14} />} onClick={() => signOut.mutate(undefined)}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
