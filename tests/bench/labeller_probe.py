"""What watches the label page from inside: when pictures and points reach the screen, and the memory of bitmaps.

A frame of the browser is taken as painted when its presentation is (Event Timing, which rounds to 8 ms and tells no
event that took less than 16 ms; such count as 16), or else when the first task after its rendering steps runs.
"""

PROBE = """
(() => {
  const bitmaps = new Set();
  const gone = new FinalizationRegistry((size) => bitmaps.delete(size));
  const make = window.createImageBitmap;
  window.createImageBitmap = async (...given) => {
    const bitmap = await make(...given);
    const size = { bytes: bitmap.width * bitmap.height * 4 };
    bitmaps.add(size);
    bitmap.size = size;
    gone.register(bitmap, size);
    return bitmap;
  };
  const close = ImageBitmap.prototype.close;
  ImageBitmap.prototype.close = function () {
    bitmaps.delete(this.size);
    close.call(this);
  };

  const presented = new Map();
  const observer = new PerformanceObserver((list) => take(list.getEntries()));
  const take = (entries) => entries.forEach((e) => presented.set(`${e.name} ${e.startTime}`, e.startTime + e.duration));
  observer.observe({ type: 'event', durationThreshold: 16 });

  const afterPaint = (told) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => { told(performance.now()); channel.port1.close(); };
    channel.port2.postMessage(null);
  };

  const probe = { keys: [], moves: [], saves: [] };
  let key = null, picture = null, move = null, frames = 0;
  let held = false, counting = false;
  const count = () => {
    frames += 1;
    counting = held;
    if (held) requestAnimationFrame(count);
  };
  addEventListener('pointerdown', () => {
    held = true;
    if (!counting) requestAnimationFrame(count);
    counting = true;
  }, true);
  addEventListener('pointerup', () => { held = false; }, true);
  addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' && event.key !== 'd') return;
    key = { at: event.timeStamp, before: picture };
    probe.keys.push(key);
  }, true);
  addEventListener('pointermove', (event) => {
    if (event.buttons !== 0) move = { at: event.timeStamp, frames };
  }, true);

  const draw = CanvasRenderingContext2D.prototype.drawImage;
  CanvasRenderingContext2D.prototype.drawImage = function (image, ...rest) {
    draw.call(this, image, ...rest);
    picture = image;
    const pressed = key;
    if (pressed === null || pressed.drawn !== undefined || image === pressed.before) return;
    pressed.drawn = performance.now();
    afterPaint((now) => { pressed.committed = now; });
  };
  const clear = CanvasRenderingContext2D.prototype.clearRect;
  CanvasRenderingContext2D.prototype.clearRect = function (...given) {
    clear.apply(this, given);
    const moved = move;
    if (moved === null) return;
    move = null;
    afterPaint((now) => probe.moves.push({ ms: now - moved.at, frames: frames - moved.frames }));
  };

  probe.read = async () => {
    await new Promise((done) => setTimeout(done, 300));
    take(observer.takeRecords());
    const painted = ({ at, drawn, committed }) => {
      if (committed === undefined) return null;
      const shown = presented.get(`keydown ${at}`);
      return shown !== undefined && shown >= drawn ? shown - at : Math.max(16, committed - at);
    };
    const taken = ([name, end]) => end - Number(name.split(' ')[1]);
    const told = {
      keys: probe.keys.map((one) => ({ ms: painted(one), script: one.drawn ? one.drawn - one.at : null })),
      moves: [...probe.moves],
      clicks: [...presented].filter(([name]) => name.startsWith('pointerup')).map(taken),
      saves: [...probe.saves],
    };
    for (const list of [probe.keys, probe.moves, probe.saves]) list.length = 0;
    presented.clear();
    return told;
  };
  probe.bitmapBytes = () => [...bitmaps].reduce((sum, { bytes }) => sum + bytes, 0);

  /** Milliseconds from what a person did until the page says that it is saved. */
  probe.watchSaves = () => {
    let began = null;
    const began_ = (event) => { if (event.key !== 'd') began ??= event.timeStamp; };
    addEventListener('pointerup', began_, true);
    addEventListener('keydown', began_, true);
    let busy = false;
    new MutationObserver(() => {
      const said = document.querySelector('[data-testid=save-state]')?.textContent;
      if (said !== 'Saved') busy = true;
      else if (busy && began !== null) { probe.saves.push(performance.now() - began); began = null; busy = false; }
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  };
  window.probe = probe;
})();
"""

FLOOR = """
<style>canvas { position: absolute; left: 0; top: 0; }</style>
<canvas width="820" height="700"></canvas>
<canvas width="820" height="700"></canvas>
<script>
  const [below, above] = [...document.querySelectorAll('canvas')].map((canvas) => canvas.getContext('2d'));
  const images = [0, 1].map((n) => {
    const image = new OffscreenCanvas(WIDTH, HEIGHT);
    const context = image.getContext('2d');
    context.fillStyle = n ? '#456' : '#654';
    context.fillRect(0, 0, WIDTH, HEIGHT);
    return image.transferToImageBitmap();
  });
  let turn = 0, asked = false;
  const paint = () => {
    below.clearRect(0, 0, 820, 700);
    below.drawImage(images[turn % 2], 0, 0, 820, 700);
  };
  addEventListener('keydown', () => { turn += 1; requestAnimationFrame(paint); });
  addEventListener('pointermove', () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => { asked = false; above.clearRect(0, 0, 820, 700); above.fillRect(10, 10, 5, 5); });
  });
</script>
"""
"""A page that does nothing but draw one picture at a key and one point at a pointer's move: what no page can beat."""
