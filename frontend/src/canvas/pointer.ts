/** What the mouse, pen or finger does on the stage: pan, zoom, press a point, drag it, press an empty place. */

import { distance, screenPoint, toImage, type ImagePoint, type ScreenPoint } from "../core/geometry";
import type { Stage } from "./stage";

export interface PointerTarget<Key> {
  /** The point under the pointer, nearest first, or null. */
  hit(at: ScreenPoint): Key | null;
  press(key: Key | null, at: ImagePoint, event: PointerEvent): void;
  /** While dragging, by how many image pixels in all; nothing is kept until `drop`. */
  drag(key: Key, dx: number, dy: number, event: PointerEvent): void;
  drop(key: Key): void;
  /** The second button on a point or an empty place. */
  secondary(key: Key | null): void;
  hover(at: ImagePoint): void;
}

/** A press that moves less than this stays a click. */
const CLICK_SLOP = 3;
const WHEEL_STEP = 0.0015;

/** Connect the target to the stage's host; the returned function disconnects it. */
export function attachPointer<Key>(host: HTMLElement, stage: Stage, target: PointerTarget<Key>): () => void {
  let start: ScreenPoint | null = null;
  let held: Key | null = null;
  let dragging = false;
  let panning = false;
  let spaceDown = false;

  const at = (event: MouseEvent): ScreenPoint => {
    const box = host.getBoundingClientRect();
    return screenPoint(event.clientX - box.left, event.clientY - box.top);
  };

  const down = (event: PointerEvent): void => {
    host.setPointerCapture(event.pointerId);
    host.focus();
    start = at(event);
    panning = event.button === 1 || spaceDown;
    dragging = false;
    held = panning || event.button !== 0 ? null : target.hit(start);
  };

  const move = (event: PointerEvent): void => {
    const now = at(event);
    target.hover(toImage(stage.view, now));
    if (start === null) return;
    if (panning) {
      stage.pan(event.movementX, event.movementY);
      return;
    }
    if (held === null || (!dragging && distance(start, now) < CLICK_SLOP)) return;
    dragging = true;
    const { zoom } = stage.view;
    target.drag(held, (now.x - start.x) / zoom, (now.y - start.y) / zoom, event);
  };

  const up = (event: PointerEvent): void => {
    if (start !== null && !panning && event.button === 0) {
      if (dragging && held !== null) target.drop(held);
      else target.press(held, toImage(stage.view, start), event);
    }
    start = null;
    held = null;
    panning = false;
  };

  const menu = (event: MouseEvent): void => {
    event.preventDefault();
    target.secondary(target.hit(at(event)));
  };

  const wheel = (event: WheelEvent): void => {
    event.preventDefault();
    stage.zoomAt(at(event), Math.exp(-event.deltaY * WHEEL_STEP * (event.ctrlKey ? 5 : 1)));
  };

  const space = (event: KeyboardEvent): void => {
    if (event.code === "Space") spaceDown = event.type === "keydown";
  };

  const stop = new AbortController();
  const options = { signal: stop.signal };
  host.addEventListener("pointerdown", down, options);
  host.addEventListener("pointermove", move, options);
  host.addEventListener("pointerup", up, options);
  host.addEventListener("pointercancel", up, options);
  host.addEventListener("contextmenu", menu, options);
  host.addEventListener("wheel", wheel, { ...options, passive: false });
  window.addEventListener("keydown", space, options);
  window.addEventListener("keyup", space, options);
  return () => {
    stop.abort();
  };
}
