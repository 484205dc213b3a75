import { NavLink, Skeleton, Stack, Text } from "@mantine/core";
import { IconDownload, IconHistory, IconKey, IconSettings, IconTrash, IconUsers, IconVectorTriangle } from "@tabler/icons-react";
import { useNavigate, useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { NotFound } from "@/components/NotFound";
import { PageFrame } from "@/components/PageFrame";
import { useProject } from "@/data/projects";
import type { Project } from "@/data/types";

import { Tokens } from "../account/Tokens";
import { ExportForm } from "../exports/ExportDialog";
import { Audit } from "./Audit";
import { General } from "./General";
import { Members } from "./Members";
import { SkeletonEditor } from "./SkeletonEditor";
import classes from "./SettingsPage.module.css";
import { Trash } from "./Trash";

const SECTIONS = [
  { name: "general", label: "General", icon: IconSettings },
  { name: "skeleton", label: "Skeleton", icon: IconVectorTriangle },
  { name: "members", label: "Members", icon: IconUsers },
  { name: "tokens", label: "API tokens", icon: IconKey },
  { name: "export", label: "Export", icon: IconDownload },
  { name: "trash", label: "Trash", icon: IconTrash },
  { name: "history", label: "History", icon: IconHistory },
] as const;

type SectionName = (typeof SECTIONS)[number]["name"];

export function SettingsPage() {
  const { projectId, section } = useParams({ from: "/app/projects/$projectId/settings/$section" });
  const navigate = useNavigate();
  const project = useProject(projectId).data;
  const current = SECTIONS.find((one) => one.name === section);
  if (!current) return <NotFound />;
  return (
    <PageFrame title="Settings">
      <div className={classes.split}>
        <nav className={classes.nav} aria-label="Settings">
          {SECTIONS.map(({ name, label, icon: Icon }) => (
            <NavLink
              key={name}
              component="button"
              active={name === section}
              label={label}
              leftSection={<Icon size={15} stroke={1.7} />}
              onClick={() => void navigate({ to: "/projects/$projectId/settings/$section", params: { projectId, section: name } })}
            />
          ))}
        </nav>
        <div className={classes.body}>{project ? <Section name={current.name} project={project} /> : <Skeleton height={240} />}</div>
      </div>
    </PageFrame>
  );
}

function Section({ name, project }: { name: SectionName; project: Project }): ReactNode {
  switch (name) {
    case "general":
      return <General project={project} />;
    case "skeleton":
      return <SkeletonEditor project={project} />;
    case "members":
      return <Members project={project} />;
    case "tokens":
      return <Tokens />;
    case "export":
      return (
        <Stack maw={480}>
          <Text c="dimmed">All labels of the project. Predictions are downloaded from their page.</Text>
          <ExportForm project={project.id} what="labels" />
        </Stack>
      );
    case "trash":
      return <Trash project={project} />;
    case "history":
      return <Audit project={project.id} />;
  }
}
