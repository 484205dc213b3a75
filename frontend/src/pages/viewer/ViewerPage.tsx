import { PageFrame } from "@/components/PageFrame";

export default function ViewerPage() {
  return <PageFrame title="Viewer">{null}</PageFrame>;
}
