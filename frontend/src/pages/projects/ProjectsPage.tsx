import { PageFrame } from "@/components/PageFrame";

export function ProjectsPage() {
  return <PageFrame title="Projects">{null}</PageFrame>;
}
