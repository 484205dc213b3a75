import { PageFrame } from "@/components/PageFrame";

export function AccountPage() {
  return <PageFrame title="Account">{null}</PageFrame>;
}
