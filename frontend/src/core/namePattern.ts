/** A file-name pattern such as "{session}_{animal}_{view}.mp4" as pieces, to colour it while it is typed. */
export interface PatternPiece {
  kind: "text" | "field" | "wildcard";
  text: string;
}

export function pieces(pattern: string): PatternPiece[] {
  return [...pattern.matchAll(/\{([a-z][a-z0-9_]*)\}|(\*)|([^{*]+|\{)/g)].map((match): PatternPiece => {
    if (match[1] !== undefined) return { kind: "field", text: match[1] };
    if (match[2] !== undefined) return { kind: "wildcard", text: "*" };
    return { kind: "text", text: match[3] ?? "" };
  });
}

export function fieldNames(pattern: string): string[] {
  return pieces(pattern).filter((piece) => piece.kind === "field").map((piece) => piece.text);
}
