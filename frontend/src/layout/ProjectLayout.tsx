import { Center } from "@mantine/core";
import {
  IconActivity, IconBrain, IconChartBar, IconChartDots, IconPhoto, IconSettings, IconStack2, IconVideo, type TablerIcon,
} from "@tabler/icons-react";
import { Link, Outlet, useLocation, useParams } from "@tanstack/react-router";

import { ErrorState } from "@/components/ErrorState";
import { count } from "@/core/format";
import { useProject } from "@/data/projects";

import classes from "./AppLayout.module.css";

export function ProjectLayout() {
  const projectId = useParams({ strict: false }).projectId ?? "";
  const project = useProject(projectId);
  if (project.error && !project.data) {
    return (
      <Center h="100%">
        <ErrorState error={project.error} onRetry={() => void project.refetch()} />
      </Center>
    );
  }
  const counts = project.data?.counts;
  const frames = counts && counts.frames > 0 ? `${count(counts.labelled)} / ${count(counts.frames)}` : counts && "0";
  return (
    <div className={classes.project}>
      <nav className={classes.sidebar} aria-label="Project">
        <Item to="videos" icon={IconVideo} label="Videos" number={counts && count(counts.videos)} project={projectId} />
        <Item to="frames" icon={IconPhoto} label="Frames" number={frames} project={projectId} />
        <Item to="models" icon={IconBrain} label="Models" number={counts && count(counts.models)} project={projectId} />
        <Item to="ensembles" icon={IconStack2} label="Ensembles" project={projectId} />
        <Item to="predictions" icon={IconChartDots} label="Predictions" project={projectId} />
        <Item to="diagnostics" icon={IconChartBar} label="Diagnostics" project={projectId} />
        <Item to="jobs" icon={IconActivity} label="Jobs" project={projectId} />
        <Item to="settings/$section" icon={IconSettings} label="Settings" project={projectId} />
      </nav>
      <div className={classes.content}>
        <Outlet />
      </div>
    </div>
  );
}

type Section = "videos" | "frames" | "models" | "ensembles" | "predictions" | "diagnostics" | "jobs" | "settings/$section";

interface ItemProps {
  to: Section;
  icon: TablerIcon;
  label: string;
  number?: string | undefined;
  project: string;
}

function Item({ to, icon: Icon, label, number, project }: ItemProps) {
  const href = `/projects/${project}/${to.split("/")[0] ?? ""}`;
  const active = useLocation({ select: (location) => location.pathname.startsWith(href) });
  return (
    <Link
      to={`/projects/$projectId/${to}`}
      params={{ projectId: project, section: "general" }}
      className={classes.link}
      data-status={active ? "active" : undefined}
      aria-current={active ? "page" : undefined}
    >
      <Icon size={16} stroke={1.7} />
      {label}
      {number !== undefined && <span className={classes.number}>{number}</span>}
    </Link>
  );
}
