import { PageFrame } from "@/components/PageFrame";

export function SettingsPage() {
  return <PageFrame title="Settings">{null}</PageFrame>;
}
