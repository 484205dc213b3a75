import { PageFrame } from "@/components/PageFrame";

export function JobsPage() {
  return <PageFrame title="Jobs">{null}</PageFrame>;
}
