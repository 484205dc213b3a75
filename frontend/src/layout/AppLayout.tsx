import { useQueryClient } from "@tanstack/react-query";
import { Outlet } from "@tanstack/react-router";
import { useEffect } from "react";

import { startSending } from "@/data/labelSessions";
import { startLive } from "@/data/live";
import { useMe } from "@/data/session";
import { useUploads } from "@/data/uploads";

import classes from "./AppLayout.module.css";
import { Header } from "./Header";
import { UploadTray } from "./UploadTray";

export function AppLayout() {
  const client = useQueryClient();
  useEffect(() => startLive(client), [client]);
  const user = useMe().data?.user.id;
  useEffect(() => (user === undefined ? undefined : startSending(user)), [user]);
  useWarnBeforeLeaving(useUploads().some((item) => item.state === "sending" || item.state === "waiting"));
  return (
    <div className={classes.shell}>
      <Header />
      <main className={classes.main}>
        <Outlet />
      </main>
      <UploadTray />
    </div>
  );
}

function useWarnBeforeLeaving(active: boolean): void {
  useEffect(() => {
    if (!active) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, [active]);
}
