/** Draws a video's crop: a quiet outline where poses are looked at, and handles where it is drawn. */

import { handles } from "../core/crop";
import { imagePoint, toScreen, type Box, type Size, type Viewport } from "../core/geometry";

const HANDLE = 8;
const SHADE = "rgba(10, 14, 20, 0.55)";

export function drawCropOutline(context: CanvasRenderingContext2D, view: Viewport, crop: Box): void {
  const { x, y, width, height } = onScreen(view, crop);
  context.save();
  context.lineWidth = 1;
  context.strokeStyle = "rgba(10, 14, 20, 0.6)";
  context.strokeRect(x, y, width, height);
  context.setLineDash([5, 4]);
  context.strokeStyle = "rgba(255, 255, 255, 0.75)";
  context.strokeRect(x, y, width, height);
  context.restore();
}

/** What lies outside is dimmed, as the network will not see it. */
export function drawCropTool(context: CanvasRenderingContext2D, view: Viewport, crop: Box, screen: Size): void {
  const { x, y, width, height } = onScreen(view, crop);
  context.fillStyle = SHADE;
  context.beginPath();
  context.rect(0, 0, screen.width, screen.height);
  context.rect(x, y, width, height);
  context.fill("evenodd");
  drawCropOutline(context, view, crop);
  for (const [, place] of handles(crop)) {
    const at = toScreen(view, place);
    context.fillStyle = "#ffffff";
    context.fillRect(at.x - HANDLE / 2, at.y - HANDLE / 2, HANDLE, HANDLE);
    context.lineWidth = 1;
    context.strokeStyle = "rgba(10, 14, 20, 0.85)";
    context.strokeRect(at.x - HANDLE / 2, at.y - HANDLE / 2, HANDLE, HANDLE);
  }
}

function onScreen(view: Viewport, crop: Box): Box {
  const corner = toScreen(view, imagePoint(crop.x - 0.5, crop.y - 0.5));
  return { x: corner.x, y: corner.y, width: crop.width * view.zoom, height: crop.height * view.zoom };
}
