import sharp from 'sharp';

/**
 * Whether a photograph of a paper can be read: measured on a small grey copy. What is measured says nothing of what
 * the paper is; and a scan fills its frame just like a photograph that was cut too close, so that cut edges are left
 * to the reviewer.
 */

export type PictureProblem =
  | 'picture_broken'
  | 'too_many_pixels'
  | 'too_small'
  | 'blank'
  | 'dark'
  | 'bright'
  | 'glare'
  | 'blurred';

/** More is no phone's camera, and unpacks to more than a quarter of a gigabyte. */
export const MOST_PIXELS = 64_000_000;
/** A card of 86 by 54 mm needs about this many points across before its smallest print can be read. */
const LEAST_LONG_SIDE = 640;
const LEAST_SHORT_SIDE = 400;

/** The copy that is measured has at most so many points on a side. */
const MEASURED_SIDE = 800;

/**
 * Bounds of the measures, chosen on drawn cards and pages (`test/papers.ts`) between the worst that is still easy
 * to read and the best that is not; `test/documentCheck.test.ts` holds both sides. Brightness is from 0 to 255.
 */
export const BOUNDS = {
  /** Between the darkest and the brightest hundredth of the points. */
  leastSpread: 12,
  /** The brightest twentieth of the points: paper is among them. */
  leastBright: 90,
  /** The darkest hundredth of the points: ink is among them. */
  mostDark: 165,
  /** How abrupt edges are, see `sharpnessOf`. */
  leastSharpness: 0.4,
  /** Share of the picture that one reflection covers: less hides little, more is white paper. */
  glareShare: { least: 0.02, most: 0.45 },
  /** Share of a reflection's edge that fades away softly: white paper ends abruptly. */
  leastSoftEdge: 0.7,
} as const;

/** What was measured, for tests and for whoever sets the bounds anew. */
export type Measures = {
  spread: number;
  bright: number;
  dark: number;
  sharpness: number;
  /** Share of the picture that the largest soft-edged white spot covers; 0 without one. */
  glare: number;
};

/** What is wrong with a JPEG, PNG or WebP, worst first; at most one thing, so that there is one thing to do. */
export async function pictureProblem(bytes: Buffer): Promise<PictureProblem | undefined> {
  const size = await sizeOf(bytes);
  if (!size) return 'picture_broken';
  if (size.width * size.height > MOST_PIXELS) return 'too_many_pixels';
  const [short, long] = [Math.min(size.width, size.height), Math.max(size.width, size.height)];
  if (short < LEAST_SHORT_SIDE || long < LEAST_LONG_SIDE) return 'too_small';
  const grey = await greyCopy(bytes);
  return grey ? worstOf(measuresOf(grey)) : 'picture_broken';
}

/** The measures of a picture; undefined when it cannot be decoded. */
export async function measurePicture(bytes: Buffer): Promise<Measures | undefined> {
  const grey = await greyCopy(bytes);
  return grey && measuresOf(grey);
}

/** In the dark, or with nothing to see, everything looks blurred; blurred ink looks pale, and blurred paper burnt out. */
function worstOf({ spread, bright, dark, sharpness, glare }: Measures): PictureProblem | undefined {
  if (bright < BOUNDS.leastBright) return 'dark';
  if (spread < BOUNDS.leastSpread) return 'blank';
  if (sharpness < BOUNDS.leastSharpness) return 'blurred';
  if (dark > BOUNDS.mostDark) return 'bright';
  return glare >= BOUNDS.glareShare.least ? 'glare' : undefined;
}

/** By its header alone: nothing is unpacked yet. */
async function sizeOf(bytes: Buffer): Promise<{ width: number; height: number } | undefined> {
  try {
    const { width, height } = await sharp(bytes, { limitInputPixels: false }).metadata();
    return width > 0 && height > 0 ? { width, height } : undefined;
  } catch {
    return undefined;
  }
}

type Grey = { values: Uint8Array; width: number; height: number };

async function greyCopy(bytes: Buffer): Promise<Grey | undefined> {
  try {
    const { data, info } = await sharp(bytes, { limitInputPixels: MOST_PIXELS, failOn: 'error' })
      .flatten({ background: '#fff' })
      .greyscale()
      .resize(MEASURED_SIDE, MEASURED_SIDE, { fit: 'inside', withoutEnlargement: true })
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { values: firstChannel(data, info.channels), width: info.width, height: info.height };
  } catch {
    return undefined;
  }
}

function firstChannel(data: Buffer, channels: number): Uint8Array {
  if (channels === 1) return data;
  return Uint8Array.from({ length: data.length / channels }, (_, i) => data[i * channels] ?? 0);
}

function measuresOf(grey: Grey): Measures {
  const at = quantilesOf(grey.values);
  const [dark, bright, brightest] = [at(0.01), at(0.95), at(0.99)];
  return {
    spread: brightest - dark,
    bright,
    dark,
    sharpness: sharpnessOf(grey),
    glare: glareOf(grey),
  };
}

/** The brightness below which a share of the points lies. */
function quantilesOf(values: Uint8Array): (share: number) => number {
  const counts = new Uint32Array(256);
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return (share) => {
    let left = share * values.length;
    for (const [value, count] of counts.entries()) {
      left -= count;
      if (left < 0) return value;
    }
    return 0;
  };
}

/**
 * How abrupt edges are, however many there are and of whatever contrast: the energy of the Laplacian for that of the
 * gradient, which falls with the square of an edge's width. Most points lie on no edge, so that the middle one of
 * all Laplacians tells the grain of the sensor, which is taken off both.
 */
function sharpnessOf({ values, width, height }: Grey): number {
  const laplacians = new Uint32Array(LARGEST_LAPLACIAN + 1);
  let curved = 0;
  let sloped = 0;
  let count = 0;
  for (let y = 1; y < height - 1; y += 1) {
    for (let x = 1; x < width - 1; x += 1) {
      const i = y * width + x;
      const here = values[i] ?? 0;
      const right = values[i + 1] ?? 0;
      const below = values[i + width] ?? 0;
      const laplacian = (values[i - 1] ?? 0) + right + (values[i - width] ?? 0) + below - 4 * here;
      curved += laplacian * laplacian;
      sloped += (right - here) ** 2 + (below - here) ** 2;
      count += 1;
      const size = Math.abs(laplacian);
      laplacians[size] = (laplacians[size] ?? 0) + 1;
    }
  }
  if (count === 0) return 0;
  const grain = (medianOf(laplacians, count) * MEDIAN_TO_DEVIATION) ** 2;
  const slope = sloped / count - grain / GRAIN_IN_LAPLACIAN;
  return slope <= 0 ? 0 : Math.max(0, curved / count - grain) / slope;
}

/** Four neighbours against four times the point itself. */
const LARGEST_LAPLACIAN = 4 * 255;
/** Of normally distributed grain. */
const MEDIAN_TO_DEVIATION = 1.4826;
/** Grain of variance 1 has 1 + 1 + 1 + 1 + 16 in the Laplacian, and twice 2 in the gradient. */
const GRAIN_IN_LAPLACIAN = 5;

/** From counts by value, between two whole values. */
function medianOf(counts: Uint32Array, total: number): number {
  let below = 0;
  for (const [value, count] of counts.entries()) {
    if (below + count >= total / 2) return value === 0 ? 0 : value - 0.5 + (total / 2 - below) / count;
    below += count;
  }
  return 0;
}

/** Nothing is brighter: the sensor could take no more. */
const BURNT_OUT = 252;
/** So many points beyond its edge a reflection is still nearly white. */
const EDGE_POINTS = 4;
const NEARLY_WHITE = 215;

/** The share of the largest burnt-out spot that lies within the picture and fades away softly. */
function glareOf(grey: Grey): number {
  const seen = new Uint8Array(grey.values.length);
  const { least, most } = BOUNDS.glareShare;
  let largest = 0;
  for (let start = 0; start < grey.values.length; start += 1) {
    if (seen[start] || (grey.values[start] ?? 0) < BURNT_OUT) continue;
    const spot = spotFrom(grey, start, seen);
    const share = spot.length / grey.values.length;
    if (share >= least && share <= most && share > largest && isSoft(grey, spot)) largest = share;
  }
  return largest;
}

/** The points that hang together with this one. */
function spotFrom({ values, width }: Grey, start: number, seen: Uint8Array): number[] {
  const spot = [start];
  seen[start] = 1;
  for (let next = 0; next < spot.length; next += 1) {
    const i = spot[next] ?? 0;
    const x = i % width;
    for (const near of [x > 0 ? i - 1 : -1, x < width - 1 ? i + 1 : -1, i - width, i + width]) {
      if (near < 0 || near >= values.length || seen[near] || (values[near] ?? 0) < BURNT_OUT) continue;
      seen[near] = 1;
      spot.push(near);
    }
  }
  return spot;
}

/** Looks outwards from every point of the edge. */
function isSoft({ values, width, height }: Grey, spot: number[]): boolean {
  let edges = 0;
  let soft = 0;
  for (const i of spot) {
    const [x, y] = [i % width, Math.floor(i / width)];
    for (const [dx, dy] of [
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
    ] as const) {
      const isInPicture = x + dx >= 0 && x + dx < width && y + dy >= 0 && y + dy < height;
      // What touches a burnt-out point and is burnt out itself belongs to the same spot.
      if (isInPicture && (values[i + dx + dy * width] ?? 0) >= BURNT_OUT) continue;
      edges += 1;
      const [farX, farY] = [x + dx * EDGE_POINTS, y + dy * EDGE_POINTS];
      const isWithin = farX >= 0 && farX < width && farY >= 0 && farY < height;
      if (isWithin && (values[farY * width + farX] ?? 0) >= NEARLY_WHITE) soft += 1;
    }
  }
  return edges > 0 && soft / edges >= BOUNDS.leastSoftEdge;
}
