/** Names of key strokes, as the key sheet shows them: "Ctrl+Z", "Shift+ArrowLeft", "O", "?". */

export interface Stroke {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
}

const isCharacter = (key: string): boolean => /^.$/u.test(key);
const isLetter = (key: string): boolean => key.length === 1 && key.toLowerCase() !== key.toUpperCase();

/** Shift is named only where the character does not already tell it. */
export function strokeName(stroke: Stroke): string {
  const key = stroke.key === " " ? "Space" : isCharacter(stroke.key) ? stroke.key.toUpperCase() : stroke.key;
  const parts = [
    stroke.ctrlKey || stroke.metaKey ? "Ctrl" : null,
    stroke.altKey ? "Alt" : null,
    stroke.shiftKey && (!isCharacter(stroke.key) || isLetter(stroke.key)) ? "Shift" : null,
    key,
  ];
  return parts.filter((part) => part !== null).join("+");
}

/** Letter keys belong to a text field while one has the focus. */
export const isTyping = (element: Element | null): boolean =>
  element instanceof HTMLElement &&
  (element.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(element.tagName));
