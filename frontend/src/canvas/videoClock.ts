/** A video element that says which frame it shows, exactly, and goes where it is told. */

import { clampFrame, frameOf, middleOf, type FrameRate } from "../core/frameClock";

export interface VideoClockEvents {
  /** A frame is on the screen now; `video` can be drawn. */
  frame(frame: number, video: HTMLVideoElement): void;
  playing(playing: boolean): void;
  failed(message: string): void;
}

export class VideoClock {
  readonly video = document.createElement("video");
  private shown = 0;
  private wanted: number | null = null;
  private request = 0;
  private readonly stop = new AbortController();

  constructor(
    url: string,
    private readonly rate: FrameRate,
    readonly frameCount: number,
    private readonly events: VideoClockEvents,
  ) {
    const { video } = this;
    const options = { signal: this.stop.signal };
    video.muted = true;
    video.playsInline = true;
    video.preload = "auto";
    video.addEventListener("play", () => this.events.playing(true), options);
    video.addEventListener("pause", () => this.paused(), options);
    video.addEventListener("seeked", () => this.arrived(), options);
    video.addEventListener("error", () => this.events.failed(video.error?.message ?? "The video cannot be played."), options);
    video.src = url;
    this.listen();
    this.seek(0);
  }

  get frame(): number {
    return this.wanted ?? this.shown;
  }

  get playing(): boolean {
    return !this.video.paused;
  }

  /** Go to a frame. While a seek is under way only the latest wish counts. */
  seek(frame: number): void {
    const target = clampFrame(Math.round(frame), this.frameCount);
    const busy = this.wanted !== null && this.video.seeking;
    this.wanted = target;
    if (!busy) this.video.currentTime = middleOf(target, this.rate);
  }

  step(frames: number): void {
    this.video.pause();
    this.seek(this.frame + frames);
  }

  async toggle(): Promise<void> {
    if (this.playing) {
      this.video.pause();
      return;
    }
    if (this.frame >= this.frameCount - 1) this.seek(0);
    await this.video.play();
  }

  setSpeed(speed: number): void {
    this.video.playbackRate = speed;
  }

  destroy(): void {
    this.stop.abort();
    this.video.cancelVideoFrameCallback(this.request);
    this.video.pause();
    this.video.removeAttribute("src");
    this.video.load();
  }

  private listen(): void {
    this.request = this.video.requestVideoFrameCallback((_now, metadata) => {
      this.shown = clampFrame(frameOf(metadata.mediaTime, this.rate), this.frameCount);
      this.events.frame(this.shown, this.video);
      this.listen();
    });
  }

  private arrived(): void {
    const reached = Math.abs(this.video.currentTime - middleOf(this.wanted ?? 0, this.rate)) * this.rate.num < this.rate.den / 2;
    if (this.wanted !== null && !reached) {
      this.video.currentTime = middleOf(this.wanted, this.rate);
      return;
    }
    this.wanted = null;
  }

  /** Playing stops between frames: settle on the middle of the one that is shown. */
  private paused(): void {
    this.events.playing(false);
    if (this.wanted === null && !this.video.ended) this.seek(this.shown);
  }
}
