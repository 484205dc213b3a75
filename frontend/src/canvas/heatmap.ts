/** Lays a network's heatmap over the frame it was drawn of. */

import { imagePoint, toScreen, type Box, type Viewport } from "../core/geometry";

export interface Heatmap {
  readonly frame: number;
  readonly picture: HTMLImageElement;
  /** What the picture covers of the frame, from the outer corner of its first pixel. */
  readonly region: Box;
}

const STRENGTH = 0.85;

export function drawHeatmap(context: CanvasRenderingContext2D, view: Viewport, { picture, region }: Heatmap): void {
  const corner = toScreen(view, imagePoint(region.x - 0.5, region.y - 0.5));
  context.globalAlpha = STRENGTH;
  context.drawImage(picture, corner.x, corner.y, region.width * view.zoom, region.height * view.zoom);
  context.globalAlpha = 1;
}
