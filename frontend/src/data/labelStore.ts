/** Work the server has not acknowledged yet, kept in the browser's own database until it has. */

import type { Keeper, Kept } from "@/core/kept";

const DATABASE = "tailbase-labels";
const STORE = "kept";

/** Whose work of which project; `tab` tells apart tabs that label the same frame. */
interface Row extends Kept {
  readonly user: string;
  readonly project: string;
  readonly tab: string;
}

const TAB = crypto.randomUUID();
const lockName = (tab: string) => `tailbase-labels-${tab}`;

/** Held as long as the tab lives, so that others know whose work is left behind. */
let holding: Promise<void> | null = null;

function holdTab(): Promise<void> {
  holding ??= new Promise((held, refused) => {
    const forever = new Promise<never>(() => undefined);
    navigator.locks
      .request(lockName(TAB), () => {
        held();
        return forever;
      })
      .catch(refused);
  });
  return holding;
}

async function livingTabs(): Promise<ReadonlySet<string>> {
  const { held = [] } = await navigator.locks.query();
  return new Set(held.map((lock) => lock.name ?? ""));
}

const settled = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("The browser's store refused."));
  });

const finished = (transaction: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error("The browser's store refused."));
  });

let database: Promise<IDBDatabase> | null = null;

function opened(): Promise<IDBDatabase> {
  if (database === null) {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => {
      const store = request.result.createObjectStore(STORE, { keyPath: ["user", "project", "frameId", "tab"] });
      store.createIndex("user", "user");
    };
    database = settled(request);
  }
  return database;
}

async function changing(change: (store: IDBObjectStore) => void): Promise<void> {
  const transaction = (await opened()).transaction(STORE, "readwrite");
  change(transaction.objectStore(STORE));
  await finished(transaction);
}

const rowsOf = async (user: string): Promise<Row[]> => {
  const store = (await opened()).transaction(STORE).objectStore(STORE);
  return (await settled(store.index("user").getAll(user))) as Row[];
};

/** The projects in which this person has work that was not sent. */
export async function projectsWithWork(user: string): Promise<ReadonlySet<string>> {
  return new Set((await rowsOf(user)).map((row) => row.project));
}

export function labelStore(user: string, project: string): Keeper {
  /** Tabs that are gone, by the frame they left work of. */
  const goneTabs = new Map<string, readonly string[]>();
  return {
    async adopt() {
      await holdTab();
      const living = await livingTabs();
      const left = (await rowsOf(user)).filter((row) => row.project === project && (row.tab === TAB || !living.has(lockName(row.tab))));
      for (const { frameId, tab } of left) {
        if (tab !== TAB) goneTabs.set(frameId, [...(goneTabs.get(frameId) ?? []), tab]);
      }
      return left;
    },
    put: (frameId, kept) =>
      changing((store) => {
        // What a tab left goes only in the step that writes what became of it.
        for (const tab of goneTabs.get(frameId) ?? []) store.delete([user, project, frameId, tab]);
        goneTabs.delete(frameId);
        if (kept === null) store.delete([user, project, frameId, TAB]);
        else store.put({ ...kept, user, project, tab: TAB } satisfies Row);
      }),
  };
}
