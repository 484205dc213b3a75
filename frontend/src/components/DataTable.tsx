import { Checkbox, Skeleton } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useRef } from "react";

import type { PagedList } from "@/data/lists";

import classes from "./DataTable.module.css";
import { ErrorState } from "./ErrorState";

export interface Column<T> {
  key: string;
  header: ReactNode;
  /** A track of the CSS grid, e.g. "96px" or "minmax(160px, 2fr)". */
  width: string;
  align?: "left" | "right" | "center";
  render: (row: T) => ReactNode;
}

interface Props<T> {
  label: string;
  list: PagedList<T>;
  columns: readonly Column<T>[];
  rowKey: (row: T) => string;
  rowHeight?: number;
  /** What stands here while there is nothing. */
  empty: ReactNode;
  onOpen?: (row: T) => void;
  selected?: ReadonlySet<string>;
  onSelect?: (keys: ReadonlySet<string>) => void;
  isActive?: (row: T) => boolean;
}

const SKELETON_ROWS = 8;

/** The narrowest the tracks may become: the first length of each. */
const leastWidth = (template: string) => [...template.matchAll(/(?:^|\s|minmax\()(\d+)px/g)].reduce((sum, match) => sum + Number(match[1]), 0);

/** A table that draws only the rows in sight and fetches further pages as they come near. */
export function DataTable<T>(props: Props<T>) {
  const { list, empty } = props;
  if (list.error !== null) return <ErrorState error={list.error} onRetry={list.retry} />;
  if (!list.isPending && list.items.length === 0) return empty;
  return <Grid {...props} />;
}

function Grid<T>({ label, list, columns, rowKey, rowHeight = 44, onOpen, selected, onSelect, isActive }: Props<T>) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: list.items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  });
  const rows = virtual.getVirtualItems();
  const last = rows.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= list.items.length - 20) list.loadMore();
  }, [last, list]);

  const template = [...(onSelect ? ["36px"] : []), ...columns.map((column) => column.width)].join(" ");
  const minWidth = leastWidth(template);
  const toggle = (key: string) => {
    const next = new Set(selected);
    if (!next.delete(key)) next.add(key);
    onSelect?.(next);
  };
  return (
    <div className={classes.scroller} ref={scroller} role="table" aria-label={label} aria-rowcount={list.items.length}>
      <div className={classes.head} role="row" style={{ gridTemplateColumns: template, minWidth }}>
        {onSelect && <SelectAll keys={list.items.map(rowKey)} selected={selected} onSelect={onSelect} />}
        {columns.map((column) => (
          <div key={column.key} role="columnheader" className={classes.cell} data-align={column.align}>
            {column.header}
          </div>
        ))}
      </div>
      {list.isPending && <SkeletonRows template={template} columns={columns.length} height={rowHeight} />}
      <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: "relative" }}>
        {rows.map((item) => {
          const row = list.items[item.index];
          if (row === undefined) return null;
          const key = rowKey(row);
          return (
            <div
              key={key}
              role="row"
              className={classes.row}
              data-clickable={onOpen !== undefined || undefined}
              data-selected={[selected?.has(key), isActive?.(row)].includes(true) ? true : undefined}
              style={{ gridTemplateColumns: template, minWidth, height: rowHeight, transform: `translateY(${item.start}px)` }}
              onClick={() => onOpen?.(row)}
            >
              {onSelect && (
                <div className={classes.cell} role="cell" onClick={(event) => event.stopPropagation()}>
                  <Checkbox checked={selected?.has(key) ?? false} onChange={() => toggle(key)} aria-label="Select row" />
                </div>
              )}
              {columns.map((column) => (
                <div key={column.key} role="cell" className={classes.cell} data-align={column.align}>
                  {column.render(row)}
                </div>
              ))}
            </div>
          );
        })}
      </div>
      {list.loadingMore && <SkeletonRows template={template} columns={columns.length} height={rowHeight} rows={2} />}
    </div>
  );
}

interface SelectAllProps {
  keys: string[];
  selected: ReadonlySet<string> | undefined;
  onSelect: (keys: ReadonlySet<string>) => void;
}

function SelectAll({ keys, selected, onSelect }: SelectAllProps) {
  const chosen = keys.filter((key) => selected?.has(key)).length;
  const all = keys.length > 0 && chosen === keys.length;
  return (
    <div className={classes.cell} role="columnheader">
      <Checkbox
        checked={all}
        indeterminate={chosen > 0 && !all}
        onChange={() => onSelect(new Set(all ? [] : keys))}
        aria-label="Select all rows"
      />
    </div>
  );
}

function SkeletonRows({ template, columns, height, rows = SKELETON_ROWS }: { template: string; columns: number; height: number; rows?: number }) {
  return (
    <div aria-hidden data-testid="skeleton">
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className={classes.skeleton} style={{ gridTemplateColumns: template, height }}>
          {Array.from({ length: columns }, (_column, column) => (
            <div key={column} className={classes.cell}>
              <Skeleton height={10} width={`${45 + ((row * 7 + column * 13) % 40)}%`} />
            </div>
          ))}
        </div>
      ))}
    </div>
  );
}
