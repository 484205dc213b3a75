/** Points in two spaces that must never be mixed, and the view that maps one onto the other.
 *
 * Image coordinates follow the database: the centre of the top-left pixel is (0, 0), so the image covers
 * (-0.5, -0.5) to (width - 0.5, height - 0.5).
 */

export interface ImagePoint {
  readonly x: number;
  readonly y: number;
  readonly space: "image";
}

export interface ScreenPoint {
  readonly x: number;
  readonly y: number;
  readonly space: "screen";
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** `zoom` screen pixels show one image pixel; the image's outer corner lies at (dx, dy) on the screen. */
export interface Viewport {
  readonly zoom: number;
  readonly dx: number;
  readonly dy: number;
}

export const MIN_ZOOM = 0.02;
export const MAX_ZOOM = 100;

export const imagePoint = (x: number, y: number): ImagePoint => ({ x, y, space: "image" });
export const screenPoint = (x: number, y: number): ScreenPoint => ({ x, y, space: "screen" });

export const toScreen = (view: Viewport, p: ImagePoint): ScreenPoint =>
  screenPoint((p.x + 0.5) * view.zoom + view.dx, (p.y + 0.5) * view.zoom + view.dy);

export const toImage = (view: Viewport, p: ScreenPoint): ImagePoint =>
  imagePoint((p.x - view.dx) / view.zoom - 0.5, (p.y - view.dy) / view.zoom - 0.5);

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

export const clampToImage = (p: ImagePoint, image: Size): ImagePoint =>
  imagePoint(clamp(p.x, -0.5, image.width - 0.5), clamp(p.y, -0.5, image.height - 0.5));

export const distance = (a: ScreenPoint, b: ScreenPoint): number => Math.hypot(a.x - b.x, a.y - b.y);

/** The view that shows the whole image centred, with `margin` screen pixels around it. */
export function fit(screen: Size, image: Size, margin = 12): Viewport {
  const zoom = clamp(
    Math.min((screen.width - 2 * margin) / image.width, (screen.height - 2 * margin) / image.height),
    MIN_ZOOM,
    MAX_ZOOM,
  );
  return {
    zoom,
    dx: (screen.width - image.width * zoom) / 2,
    dy: (screen.height - image.height * zoom) / 2,
  };
}

export interface Box extends Size {
  readonly x: number;
  readonly y: number;
}

/** Around a box of image points: a third of its size on every side, and never closer than single pixels can be told. */
const AROUND = 1 / 3;
const CLOSEST = 12;
const LEAST_PX = 8;

export function fitBox(screen: Size, box: Box): Viewport {
  const [width, height] = [Math.max(LEAST_PX, box.width), Math.max(LEAST_PX, box.height)];
  const zoom = clamp(Math.min(screen.width / (width * (1 + 2 * AROUND)), screen.height / (height * (1 + 2 * AROUND))), MIN_ZOOM, CLOSEST);
  return {
    zoom,
    dx: screen.width / 2 - (box.x + box.width / 2 + 0.5) * zoom,
    dy: screen.height / 2 - (box.y + box.height / 2 + 0.5) * zoom,
  };
}

/** The smallest box around points, or null without any. */
export function boxOf(places: readonly { readonly x: number; readonly y: number }[]): Box | null {
  if (places.length === 0) return null;
  const [xs, ys] = [places.map((p) => p.x), places.map((p) => p.y)];
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

/** Zoom by `factor` so that what lies under `at` stays there. */
export function zoomAt(view: Viewport, at: ScreenPoint, factor: number): Viewport {
  const zoom = clamp(view.zoom * factor, MIN_ZOOM, MAX_ZOOM);
  const scale = zoom / view.zoom;
  return { zoom, dx: at.x - (at.x - view.dx) * scale, dy: at.y - (at.y - view.dy) * scale };
}

export const pan = (view: Viewport, dx: number, dy: number): Viewport => ({
  zoom: view.zoom,
  dx: view.dx + dx,
  dy: view.dy + dy,
});

/** Centre the screen on a point, at least at `zoom`. */
export function centreOn(view: Viewport, screen: Size, p: ImagePoint, zoom: number): Viewport {
  const next = clamp(Math.max(view.zoom, zoom), MIN_ZOOM, MAX_ZOOM);
  return {
    zoom: next,
    dx: screen.width / 2 - (p.x + 0.5) * next,
    dy: screen.height / 2 - (p.y + 0.5) * next,
  };
}
