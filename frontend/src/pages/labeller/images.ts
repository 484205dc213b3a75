/** Decoded images of the frames around the one being labelled. */

/** Current, five ahead, two behind, and their neighbours in time. */
const KEEP = 24;

export class ImageCache {
  private readonly images = new Map<string, Promise<HTMLImageElement>>();

  get(url: string): Promise<HTMLImageElement> {
    const here = this.images.get(url);
    if (here !== undefined) {
      this.images.delete(url);
      this.images.set(url, here);
      return here;
    }
    const image = load(url).catch((problem: unknown) => {
      this.images.delete(url);
      throw problem;
    });
    this.images.set(url, image);
    for (const old of this.images.keys()) {
      if (this.images.size <= KEEP) break;
      this.images.delete(old);
    }
    return image;
  }

  /** Fetch ahead; a failure is met again, and told, when the image is wanted. */
  warm(url: string): void {
    this.get(url).catch(() => undefined);
  }
}

async function load(url: string): Promise<HTMLImageElement> {
  const image = new Image();
  image.src = url;
  await image.decode();
  return image;
}
