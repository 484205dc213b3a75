/** Two canvases on top of each other: the image below, points above. Knows no React and no labels. */

import { fit, fitBox, pan, zoomAt, type Box, type ScreenPoint, type Size, type Viewport } from "../core/geometry";

export type Picture = ImageBitmap | HTMLImageElement | HTMLVideoElement;

export type DrawOverlay = (context: CanvasRenderingContext2D, view: Viewport, screen: Size) => void;

export interface Adjustment {
  /** 1 leaves the picture as it is. */
  readonly brightness: number;
  readonly contrast: number;
}

const NOTHING: DrawOverlay = () => undefined;

export class Stage {
  private readonly pictureLayer = layer();
  private readonly overlayLayer = layer();
  private readonly resized: ResizeObserver;
  private picture: Picture | null = null;
  private imageSize: Size = { width: 1, height: 1 };
  private screen: Size = { width: 1, height: 1 };
  private overlay: DrawOverlay = NOTHING;
  private adjustment: Adjustment = { brightness: 1, contrast: 1 };
  private fitted = true;
  private frameRequest = 0;
  private pictureStale = true;
  private current: Viewport = { zoom: 1, dx: 0, dy: 0 };

  constructor(private readonly host: HTMLElement) {
    host.append(this.pictureLayer, this.overlayLayer);
    this.resized = new ResizeObserver(() => {
      this.measure();
    });
    this.resized.observe(host);
    this.measure();
  }

  get view(): Viewport {
    return this.current;
  }

  get screenSize(): Size {
    return this.screen;
  }

  get size(): Size {
    return this.imageSize;
  }

  /** Show a picture that covers `size` image pixels; the picture itself may be a smaller copy. */
  show(picture: Picture | null, size: Size): void {
    const other = size.width !== this.imageSize.width || size.height !== this.imageSize.height;
    this.picture = picture;
    this.imageSize = size;
    if (other || this.fitted) this.fit();
    this.redrawPicture();
  }

  setOverlay(draw: DrawOverlay): void {
    this.overlay = draw;
    this.redraw();
  }

  setAdjustment(adjustment: Adjustment): void {
    this.adjustment = adjustment;
    this.redrawPicture();
  }

  fit(): void {
    this.current = fit(this.screen, this.imageSize);
    this.fitted = true;
    this.redrawPicture();
  }

  /** Show a part of the image with some of its surroundings. */
  showBox(box: Box): void {
    this.setView(fitBox(this.screen, box));
  }

  setView(view: Viewport): void {
    this.current = view;
    this.fitted = false;
    this.redrawPicture();
  }

  zoomAt(at: ScreenPoint, factor: number): void {
    this.setView(zoomAt(this.current, at, factor));
  }

  pan(dx: number, dy: number): void {
    this.setView(pan(this.current, dx, dy));
  }

  /** Draw the points again in the next animation frame; many calls make one drawing. */
  redraw(): void {
    if (this.frameRequest === 0) {
      this.frameRequest = requestAnimationFrame(() => {
        this.frameRequest = 0;
        this.draw();
      });
    }
  }

  redrawPicture(): void {
    this.pictureStale = true;
    this.redraw();
  }

  /** Draw at once, for a video frame that is on the screen only now. */
  drawNow(): void {
    this.pictureStale = true;
    this.draw();
  }

  destroy(): void {
    cancelAnimationFrame(this.frameRequest);
    this.resized.disconnect();
    this.pictureLayer.remove();
    this.overlayLayer.remove();
  }

  private measure(): void {
    this.screen = { width: Math.max(1, this.host.clientWidth), height: Math.max(1, this.host.clientHeight) };
    for (const canvas of [this.pictureLayer, this.overlayLayer]) {
      canvas.width = Math.round(this.screen.width * devicePixelRatio);
      canvas.height = Math.round(this.screen.height * devicePixelRatio);
    }
    if (this.fitted) this.current = fit(this.screen, this.imageSize);
    this.pictureStale = true;
    this.draw();
  }

  private draw(): void {
    if (this.pictureStale) this.drawPicture();
    this.pictureStale = false;
    const context = cleared(this.overlayLayer);
    if (context !== null) this.overlay(context, this.current, this.screen);
  }

  private drawPicture(): void {
    const context = cleared(this.pictureLayer);
    if (context === null || this.picture === null) return;
    const { zoom, dx, dy } = this.current;
    // Past this zoom single pixels matter more than a smooth look.
    context.imageSmoothingEnabled = zoom < 3;
    context.imageSmoothingQuality = "high";
    const { brightness, contrast } = this.adjustment;
    context.filter = brightness === 1 && contrast === 1 ? "none" : `brightness(${String(brightness)}) contrast(${String(contrast)})`;
    context.drawImage(this.picture, dx, dy, this.imageSize.width * zoom, this.imageSize.height * zoom);
  }
}

function layer(): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.className = "stage-layer";
  return canvas;
}

function cleared(canvas: HTMLCanvasElement): CanvasRenderingContext2D | null {
  const context = canvas.getContext("2d");
  if (context === null) return null;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
  return context;
}
