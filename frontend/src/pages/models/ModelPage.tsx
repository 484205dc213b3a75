import { PageFrame } from "@/components/PageFrame";

export function ModelPage() {
  return <PageFrame title="Model">{null}</PageFrame>;
}
