import { PageFrame } from "@/components/PageFrame";

export function LoginPage() {
  return <PageFrame title="Login">{null}</PageFrame>;
}
