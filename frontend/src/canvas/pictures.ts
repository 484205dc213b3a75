/** Decoded pictures of the frames around the one being labelled, and the files of more of them. */

/** The frame, those ahead and behind, and neighbours in time. */
const DECODED = 16;
/** Files cost little, and are what is there when the network is not. */
const FETCHED = 80;

export class Pictures {
  private readonly files = new Map<string, Promise<Blob>>();
  private readonly decoding = new Map<string, Promise<ImageBitmap>>();
  private readonly ready = new Map<string, ImageBitmap>();

  /** The picture if it can be painted at once. */
  peek(url: string): ImageBitmap | null {
    return this.ready.get(url) ?? null;
  }

  decoded(url: string): Promise<ImageBitmap> {
    const here = this.decoding.get(url);
    if (here !== undefined) {
      refresh(this.decoding, url, here);
      return here;
    }
    const picture = this.decode(url).catch((problem: unknown) => {
      this.decoding.delete(url);
      throw problem;
    });
    this.decoding.set(url, picture);
    for (const old of oldest(this.decoding, DECODED)) this.forget(old);
    return picture;
  }

  /** Fetch the file ahead. A failure is met again, and told, when the picture is wanted. */
  warm(url: string): void {
    this.file(url).catch(() => undefined);
  }

  destroy(): void {
    for (const url of [...this.decoding.keys()]) this.forget(url);
    this.files.clear();
  }

  /** A file is decoded beside the page's own thread, unlike an image element. */
  private async decode(url: string): Promise<ImageBitmap> {
    const bitmap = await createImageBitmap(await this.file(url));
    if (this.decoding.has(url)) this.ready.set(url, bitmap);
    return bitmap;
  }

  private file(url: string): Promise<Blob> {
    const here = this.files.get(url);
    if (here !== undefined) return here;
    const file = fetchFile(url).catch((problem: unknown) => {
      this.files.delete(url);
      throw problem;
    });
    this.files.set(url, file);
    for (const old of oldest(this.files, FETCHED)) this.files.delete(old);
    return file;
  }

  private forget(url: string): void {
    this.decoding.delete(url);
    this.ready.get(url)?.close();
    this.ready.delete(url);
  }
}

function refresh<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
}

const oldest = (map: ReadonlyMap<string, unknown>, keep: number): string[] => [...map.keys()].slice(0, Math.max(0, map.size - keep));

async function fetchFile(url: string): Promise<Blob> {
  const reply = await fetch(url);
  if (!reply.ok) throw new Error("The image could not be loaded.");
  return reply.blob();
}
