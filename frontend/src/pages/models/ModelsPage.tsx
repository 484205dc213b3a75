import { PageFrame } from "@/components/PageFrame";

export function ModelsPage() {
  return <PageFrame title="Models">{null}</PageFrame>;
}
