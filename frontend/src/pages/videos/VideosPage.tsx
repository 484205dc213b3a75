import { PageFrame } from "@/components/PageFrame";

export function VideosPage() {
  return <PageFrame title="Videos">{null}</PageFrame>;
}
