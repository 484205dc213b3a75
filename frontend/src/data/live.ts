/**
 * One stream of news a browser: the tab that holds the Web Lock listens and tells the others over a BroadcastChannel.
 * While no news can arrive, `usePoll` asks every five seconds instead.
 */
import type { QueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";

import { Gather, type News, parseNews } from "@/core/live";

const NAME = "tailbase-live";
const POLL_MS = 5_000;
const GATHER_MS = 500;
const BEAT_MS = 5_000;
const SILENCE_MS = 12_000;

type Message = { kind: "news"; news: News } | { kind: "beat" } | { kind: "missed" };

let connected = false;
let lastBeat = 0;
const watchers = new Set<() => void>();

function setConnected(value: boolean): void {
  if (connected === value) return;
  connected = value;
  watchers.forEach((watch) => watch());
}

const subscribe = (watch: () => void) => {
  watchers.add(watch);
  return () => watchers.delete(watch);
};

/** The interval at which lists refresh by themselves: never while news arrives. */
export function usePoll(): number | false {
  return useSyncExternalStore(subscribe, () => connected) ? false : POLL_MS;
}

/** Starts listening; the returned function stops it (after sign-out). */
export function startLive(client: QueryClient): () => void {
  const channel = new BroadcastChannel(NAME);
  const stop = new AbortController();
  const refresh = refresher(client);

  channel.onmessage = (event: MessageEvent<Message>) => {
    lastBeat = Date.now();
    setConnected(true);
    refresh(event.data);
  };
  const watchdog = setInterval(() => {
    if (Date.now() - lastBeat > SILENCE_MS) setConnected(false);
  }, BEAT_MS);
  void lead(stop.signal, (message) => {
    lastBeat = Date.now();
    setConnected(true);
    channel.postMessage(message);
    refresh(message);
  });
  return () => {
    stop.abort();
    clearInterval(watchdog);
    channel.close();
    setConnected(false);
  };
}

function refresher(client: QueryClient): (message: Message) => void {
  const gather = new Gather();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    timer = undefined;
    for (const [project, list] of gather.take()) void client.invalidateQueries({ queryKey: ["p", project, list] });
  };
  return (message) => {
    if (message.kind === "missed") void client.invalidateQueries({ queryKey: ["p"] });
    if (message.kind !== "news") return;
    gather.add(message.news);
    timer ??= setTimeout(flush, GATHER_MS);
  };
}

/** Waits until this tab is the one that listens, then listens until stopped. */
async function lead(signal: AbortSignal, tell: (message: Message) => void): Promise<void> {
  try {
    await navigator.locks.request(NAME, { signal }, () => listen(signal, tell));
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function listen(signal: AbortSignal, tell: (message: Message) => void): Promise<void> {
  return new Promise((resolve) => {
    const source = new EventSource("/api/v1/events");
    const beat = setInterval(() => {
      if (source.readyState === EventSource.OPEN) tell({ kind: "beat" });
    }, BEAT_MS);
    source.onopen = () => tell({ kind: "beat" });
    source.onmessage = (event: MessageEvent<string>) => {
      const news = parseNews(event.data);
      if (news !== null) tell({ kind: "news", news });
    };
    // Sent when the server no longer keeps what happened while the stream was down.
    source.addEventListener("missed", () => tell({ kind: "missed" }));
    signal.addEventListener("abort", () => {
      clearInterval(beat);
      source.close();
      resolve();
    });
  });
}
