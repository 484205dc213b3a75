import { PageFrame } from "@/components/PageFrame";

export function PredictionsPage() {
  return <PageFrame title="Predictions">{null}</PageFrame>;
}
