/** What the mouse, pen or fingers do on the stage: pan, zoom, press a point, drag it, press an empty place. */

import { distance, screenPoint, toImage, type ImagePoint, type ScreenPoint } from "../core/geometry";
import type { Stage } from "./stage";

export interface PointerTarget<Key> {
  /** The point under the pointer, nearest first, or null. */
  hit(at: ScreenPoint): Key | null;
  press(key: Key | null, at: ImagePoint, event: PointerEvent): void;
  /** While dragging a point; nothing is kept until `drop`. */
  drag(key: Key, from: ImagePoint, to: ImagePoint, event: PointerEvent): void;
  drop(key: Key): void;
  /** The second button, or a long touch, on a point or an empty place. */
  secondary(key: Key | null): void;
  /** Whether the wheel moves the image instead of zooming: for trackpads, where two fingers pinch to zoom. */
  wheelPans(): boolean;
}

/** A press that moves less than this stays a click; on an empty place a hurried click may slip further. */
const POINT_SLOP = 3;
const EMPTY_SLOP = 6;
const WHEEL_STEP = 0.0015;
const PINCH_STEP = 0.0075;
const LINE_PX = 16;

type Mode = "none" | "press" | "drag" | "pan" | "pinch";

/** One pointer session on one host. */
class Gesture<Key> {
  private readonly touches = new Map<number, ScreenPoint>();
  private mode: Mode = "none";
  private start: ScreenPoint = screenPoint(0, 0);
  private held: Key | null = null;
  spaceDown = false;

  constructor(
    private readonly host: HTMLElement,
    private readonly stage: Stage,
    private readonly target: PointerTarget<Key>,
  ) {}

  readonly down = (event: PointerEvent): void => {
    this.host.setPointerCapture(event.pointerId);
    this.host.focus({ preventScroll: true });
    this.start = this.at(event);
    this.touches.set(event.pointerId, this.start);
    if (this.touches.size === 2) {
      this.mode = "pinch";
      return;
    }
    const pans = event.button === 1 || this.spaceDown;
    this.mode = pans ? "pan" : event.button === 0 ? "press" : "none";
    this.held = this.mode === "press" ? this.target.hit(this.start) : null;
  };

  readonly move = (event: PointerEvent): void => {
    const before = this.touches.get(event.pointerId);
    if (before === undefined) return;
    const now = this.at(event);
    if (this.mode === "pinch") this.pinch(event.pointerId, before, now);
    this.touches.set(event.pointerId, now);
    if (this.mode === "press" && distance(this.start, now) >= (this.held === null ? EMPTY_SLOP : POINT_SLOP)) {
      this.mode = this.held === null ? "pan" : "drag";
    }
    if (this.mode === "pan") this.stage.pan(now.x - before.x, now.y - before.y);
    if (this.mode === "drag" && this.held !== null) {
      const { view } = this.stage;
      this.target.drag(this.held, toImage(view, this.start), toImage(view, now), event);
    }
  };

  readonly up = (event: PointerEvent): void => {
    this.touches.delete(event.pointerId);
    if (this.mode === "drag" && this.held !== null) this.target.drop(this.held);
    if (this.mode === "press" && event.type === "pointerup") this.target.press(this.held, toImage(this.stage.view, this.start), event);
    // The finger that stays after a pinch places nothing.
    this.mode = "none";
    this.held = null;
  };

  readonly menu = (event: MouseEvent): void => {
    event.preventDefault();
    this.mode = "none";
    this.target.secondary(this.target.hit(this.at(event)));
  };

  readonly wheel = (event: WheelEvent): void => {
    event.preventDefault();
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PX : 1;
    const [dx, dy] = [event.deltaX * unit, event.deltaY * unit];
    // A pinch on a trackpad arrives as a wheel with Ctrl.
    if (event.ctrlKey) this.stage.zoomAt(this.at(event), Math.exp(-dy * PINCH_STEP));
    else if (event.shiftKey || this.target.wheelPans()) this.stage.pan(-dx, -dy);
    else this.stage.zoomAt(this.at(event), Math.exp(-dy * WHEEL_STEP));
  };

  readonly space = (event: KeyboardEvent): void => {
    if (event.code === "Space") this.spaceDown = event.type === "keydown";
  };

  private at(event: MouseEvent): ScreenPoint {
    const box = this.host.getBoundingClientRect();
    return screenPoint(event.clientX - box.left, event.clientY - box.top);
  }

  /** Zoom by how the fingers' distance changed, and follow their middle. */
  private pinch(moved: number, before: ScreenPoint, now: ScreenPoint): void {
    const other = [...this.touches].find(([id]) => id !== moved)?.[1];
    if (other === undefined) return;
    const middle = screenPoint((now.x + other.x) / 2, (now.y + other.y) / 2);
    this.stage.pan((now.x - before.x) / 2, (now.y - before.y) / 2);
    this.stage.zoomAt(middle, distance(now, other) / Math.max(1, distance(before, other)));
  }
}

/** Connect the target to the stage's host; the returned function disconnects it. */
export function attachPointer<Key>(host: HTMLElement, stage: Stage, target: PointerTarget<Key>): () => void {
  const gesture = new Gesture(host, stage, target);
  const stop = new AbortController();
  const options = { signal: stop.signal };
  host.addEventListener("pointerdown", gesture.down, options);
  host.addEventListener("pointermove", gesture.move, options);
  host.addEventListener("pointerup", gesture.up, options);
  host.addEventListener("pointercancel", gesture.up, options);
  host.addEventListener("contextmenu", gesture.menu, options);
  host.addEventListener("wheel", gesture.wheel, { ...options, passive: false });
  window.addEventListener("keydown", gesture.space, options);
  window.addEventListener("keyup", gesture.space, options);
  return () => stop.abort();
}
