import { useState } from "react";

/** A value that this browser remembers; `parse` checks what was kept. */
export function useStored<T>(name: string, parse: (kept: unknown) => T): [T, (next: T) => void] {
  const [value, setValue] = useState(() => parse(read(name)));
  const store = (next: T) => {
    setValue(next);
    localStorage.setItem(name, JSON.stringify(next));
  };
  return [value, store];
}

function read(name: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(name) ?? "null");
  } catch {
    return null;
  }
}
