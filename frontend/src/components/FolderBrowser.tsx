import { Anchor, Breadcrumbs, Checkbox, Group, ScrollArea, Select, Skeleton, Stack, Text, UnstyledButton } from "@mantine/core";
import { IconFile, IconFolder } from "@tabler/icons-react";

import { useEffect } from "react";

import { bytes } from "@/core/format";
import type { RootEntry } from "@/data/types";
import { useBrowse, useRoots } from "@/data/videos";

import { ErrorState } from "./ErrorState";
import classes from "./FolderBrowser.module.css";

export interface Place {
  root: string | null;
  path: string;
}

interface Props {
  place: Place;
  onPlace: (place: Place) => void;
  /** Chosen files, by their path under the root; left out where only folders are chosen. */
  chosen?: ReadonlySet<string>;
  onChoose?: (paths: ReadonlySet<string>) => void;
}

const join = (path: string, name: string) => (path === "" ? name : `${path}/${name}`);

/** Walks the folders the owner of the server lets people read. */
export function FolderBrowser({ place, onPlace, chosen, onChoose }: Props) {
  const roots = useRoots();
  const only = roots.data?.length === 1 ? roots.data[0]?.name : undefined;
  useEffect(() => {
    if (only !== undefined && place.root === null) onPlace({ root: only, path: "" });
  }, [only, place.root, onPlace]);
  if (roots.error) return <ErrorState error={roots.error} onRetry={() => void roots.refetch()} />;
  if (roots.data?.length === 0) {
    return (
      <Text c="dimmed" py="lg" ta="center">
        No folder of the server is open to read. Start it with tailbase up --root FOLDER.
      </Text>
    );
  }
  return (
    <Stack gap="xs">
      <Group gap="sm" wrap="nowrap">
        <Select
          aria-label="Root folder"
          placeholder="Choose a folder"
          size="xs"
          w={180}
          allowDeselect={false}
          data={(roots.data ?? []).map((root) => root.name)}
          value={place.root}
          onChange={(root) => onPlace({ root, path: "" })}
        />
        <Trail place={place} onPlace={onPlace} />
      </Group>
      <Listing place={place} onPlace={onPlace} {...(chosen ? { chosen } : {})} {...(onChoose ? { onChoose } : {})} />
    </Stack>
  );
}

function Trail({ place, onPlace }: Pick<Props, "place" | "onPlace">) {
  const steps = place.path === "" ? [] : place.path.split("/");
  if (place.root === null) return null;
  return (
    <Breadcrumbs separatorMargin={4} style={{ overflow: "hidden" }}>
      <Anchor component="button" onClick={() => onPlace({ root: place.root, path: "" })}>
        {place.root}
      </Anchor>
      {steps.map((step, index) => (
        <Anchor
          key={index}
          component="button"
          onClick={() => onPlace({ root: place.root, path: steps.slice(0, index + 1).join("/") })}
        >
          {step}
        </Anchor>
      ))}
    </Breadcrumbs>
  );
}

function Listing({ place, onPlace, chosen, onChoose }: Props) {
  const entries = useBrowse(place.root, place.path);
  const toggle = (path: string) => {
    const next = new Set(chosen);
    if (!next.delete(path)) next.add(path);
    onChoose?.(next);
  };
  const files = entries.items.filter((entry) => entry.kind === "file").map((entry) => join(place.path, entry.name));
  if (place.root === null) return <Empty>Choose where the files lie.</Empty>;
  if (entries.error) return <ErrorState error={entries.error} onRetry={entries.retry} />;
  return (
    <ScrollArea.Autosize mah={320} className={classes.list}>
      {onChoose && files.length > 1 && (
        <Group className={classes.entry}>
          <Checkbox
            label={`All ${files.length} files here`}
            checked={files.every((file) => chosen?.has(file))}
            onChange={(event) => onChoose(new Set(event.currentTarget.checked ? [...(chosen ?? []), ...files] : [...(chosen ?? [])].filter((path) => !files.includes(path))))}
          />
        </Group>
      )}
      {entries.isPending && [0, 1, 2, 3].map((n) => <Skeleton key={n} height={12} m={10} width={`${60 - n * 8}%`} />)}
      {entries.items.map((entry) => (
        <Entry
          key={entry.name}
          entry={entry}
          checked={chosen?.has(join(place.path, entry.name)) ?? false}
          onOpen={() => onPlace({ root: place.root, path: join(place.path, entry.name) })}
          {...(onChoose ? { onToggle: () => toggle(join(place.path, entry.name)) } : {})}
        />
      ))}
      {!entries.isPending && entries.items.length === 0 && <Empty>This folder is empty.</Empty>}
      {entries.hasMore && (
        <Anchor component="button" m={10} onClick={entries.loadMore}>
          Show more
        </Anchor>
      )}
    </ScrollArea.Autosize>
  );
}

interface EntryProps {
  entry: RootEntry;
  checked: boolean;
  onOpen: () => void;
  onToggle?: () => void;
}

function Entry({ entry, checked, onOpen, onToggle }: EntryProps) {
  if (entry.kind === "dir") {
    return (
      <UnstyledButton className={classes.entry} onClick={onOpen}>
        <IconFolder size={16} stroke={1.6} color="var(--tb-busy)" />
        <span className="truncate">{entry.name}</span>
      </UnstyledButton>
    );
  }
  return (
    <label className={classes.entry} data-quiet={onToggle === undefined || undefined}>
      {onToggle ? <Checkbox checked={checked} onChange={onToggle} /> : <IconFile size={16} stroke={1.6} />}
      <span className="truncate">{entry.name}</span>
      <Text size="xs" c="dimmed" ml="auto">
        {bytes(entry.size_bytes)}
      </Text>
    </label>
  );
}

function Empty({ children }: { children: string }) {
  return (
    <Text c="dimmed" ta="center" py="lg" className={classes.list}>
      {children}
    </Text>
  );
}
