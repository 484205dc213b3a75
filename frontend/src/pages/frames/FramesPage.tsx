import { PageFrame } from "@/components/PageFrame";

export function FramesPage() {
  return <PageFrame title="Frames">{null}</PageFrame>;
}
