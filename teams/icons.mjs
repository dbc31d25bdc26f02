/** The app's two icons: a shield with a tick, computed. */
import { crc32, deflateSync } from 'node:zlib';

const SAMPLES = 4;
const BLUE = [0x1f, 0x3a, 0x5f];
const WHITE = [255, 255, 255];

/** 192 × 192, full colour: a white shield with a blue tick on blue. */
export function colorIcon() {
  return draw(192, (x, y) => {
    if (!isShield(x, y, 1)) return [...BLUE, 255];
    return isTick(x, y) ? [...BLUE, 255] : [...WHITE, 255];
  });
}

/** 32 × 32, white on nothing, as Teams asks for. */
export function outlineIcon() {
  return draw(32, (x, y) => {
    const line = isShield(x, y, 1.25) && !isShield(x, y, 1.02);
    return line || isTick(x, y) ? [...WHITE, 255] : [...WHITE, 0];
  });
}

/** Coordinates from -1 to 1, y downwards. */
function isShield(x, y, size) {
  const [u, v] = [Math.abs(x) / (0.52 * size), y / (0.68 * size)];
  if (v < -1 || v > 1) return false;
  const edge = v < 0 ? 1 : Math.sqrt(1 - v * v);
  const top = v < -0.85 + 0.15 * u * u ? 0 : 1;
  return u <= edge && top === 1;
}

function isTick(x, y) {
  return near(x, y, -0.24, 0.02, -0.06, 0.22) || near(x, y, -0.06, 0.22, 0.27, -0.22);
}

function near(x, y, x1, y1, x2, y2) {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const t = Math.max(0, Math.min(1, ((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy)));
  return Math.hypot(x - x1 - t * dx, y - y1 - t * dy) <= 0.085;
}

/** A PNG of the square, each pixel the mean of some samples. https://www.w3.org/TR/png-3/ */
function draw(size, colorAt) {
  const rows = Buffer.alloc(size * (size * 4 + 1));
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) {
      const at = row * (size * 4 + 1) + 1 + column * 4;
      pixel(size, row, column, colorAt).forEach((value, i) => {
        rows[at + i] = value;
      });
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  // 8 bits a channel, RGBA.
  header.set([8, 6, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const data = deflateSync(rows, { level: 9 });
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function pixel(size, row, column, colorAt) {
  const sum = [0, 0, 0, 0];
  for (let i = 0; i < SAMPLES * SAMPLES; i += 1) {
    const x = ((column + ((i % SAMPLES) + 0.5) / SAMPLES) / size) * 2 - 1;
    const y = ((row + (Math.floor(i / SAMPLES) + 0.5) / SAMPLES) / size) * 2 - 1;
    colorAt(x, y).forEach((value, channel) => {
      sum[channel] += value;
    });
  }
  return sum.map((value) => Math.round(value / (SAMPLES * SAMPLES)));
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
