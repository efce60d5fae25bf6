import type { Project } from '../project.ts';

/** A place on the map, in points east and south of the project. */
export type Spot = { x: number; y: number };
type Landmark = Project['landmarks'][number];

/** Where things stand on the map, in points from the project at the centre. */
export type Placement = {
  /** Distance circles, innermost first. */
  rings: { distanceKm: number; radius: number }[];
  /** In the order of the landmarks: where each truly is, and where its pin has room. */
  pins: { spot: Spot; pin: Spot }[];
  /** The direction with the most room for the circles' labels, clockwise from north. */
  labelBearingDeg: number;
};

const RING_STEPS_KM = [0.5, 1, 2, 3, 5, 10, 15, 25, 50, 100, 200, 500, 1000, 2500, 5000, 20_000];
/** Even the nearest landmark stands clear of the project's mark. */
const NEAREST = 52;
const RING_SPACING = 46;
const PIN_SPACING = 27;
/** The project's own mark and the name under it, which pins keep clear of. */
const PROJECT_MARK: readonly (Spot & { spacing: number })[] = [
  { x: 0, y: 0, spacing: 36 },
  ...[-56, -28, 0, 28, 56].map((x) => ({ x, y: 33, spacing: 26 })),
];

/**
 * Places the landmarks within `radius` points. Distances grow by their square root, so that a metro stop at
 * 800 m and an airport at 40 km are both readable; the circles carry the true distances.
 */
export function place(landmarks: readonly Landmark[], radius: number): Placement {
  const farthest = Math.max(...landmarks.map((each) => each.distanceKm));
  const outer = RING_STEPS_KM.findIndex((step) => step >= farthest);
  const last = outer === -1 ? RING_STEPS_KM.length - 1 : outer;
  const reachKm = Math.max(farthest, RING_STEPS_KM[last] ?? farthest);
  const scale = (distanceKm: number): number =>
    NEAREST + (radius - NEAREST) * Math.sqrt(distanceKm / reachKm);
  const spots = landmarks.map((each) => polar(each.bearingDeg, scale(each.distanceKm)));
  const pins = spread(spots, radius);
  return {
    rings: ringsUpTo(last, scale),
    pins: spots.map((spot, index) => ({ spot, pin: pins[index] ?? spot })),
    labelBearingDeg: quietestBearing(landmarks),
  };
}

/** The outermost circle and those inside it that leave room for each other's labels. */
function ringsUpTo(last: number, scale: (distanceKm: number) => number): Placement['rings'] {
  const rings: Placement['rings'] = [];
  for (const distanceKm of RING_STEPS_KM.slice(0, last + 1).reverse()) {
    const radius = scale(distanceKm);
    const outside = rings[0]?.radius ?? Number.POSITIVE_INFINITY;
    if (radius <= outside - RING_SPACING && radius >= RING_SPACING) rings.unshift({ distanceKm, radius });
  }
  return rings;
}

/** A point at a distance, in a direction clockwise from north. */
export function polar(bearingDeg: number, distance: number): Spot {
  const angle = (bearingDeg * Math.PI) / 180;
  return { x: Math.sin(angle) * distance, y: -Math.cos(angle) * distance };
}

/** Pushes pins apart, a little at a time, until none covers another or the project's name. */
function spread(spots: readonly Spot[], radius: number): Spot[] {
  const pins = spots.map((spot) => ({ ...spot }));
  for (let round = 0; round < 120; round++) {
    for (const [index, pin] of pins.entries()) {
      for (const other of pins.slice(0, index)) {
        const push = separation(pin, other, PIN_SPACING, index);
        move(pin, push.x / 2, push.y / 2);
        move(other, -push.x / 2, -push.y / 2);
      }
    }
    // Last in each round, so that a crowd cannot press a pin on to the project or off the map.
    for (const [index, pin] of pins.entries()) {
      for (const mark of PROJECT_MARK) {
        const push = separation(pin, mark, mark.spacing, index);
        move(pin, push.x, push.y);
      }
      const beyond = Math.min(0, radius / Math.hypot(pin.x, pin.y) - 1);
      move(pin, pin.x * beyond, pin.y * beyond);
    }
  }
  return pins;
}

function move(spot: Spot, x: number, y: number): void {
  spot.x += x;
  spot.y += y;
}

/** The step that takes `from` out of `spacing` of `other`; nothing if it is clear already. */
function separation(from: Spot, other: Spot, spacing: number, index: number): Spot {
  const x = from.x - other.x;
  const y = from.y - other.y;
  const distance = Math.hypot(x, y);
  if (distance >= spacing) return { x: 0, y: 0 };
  // Two landmarks in the very same place part in a direction of their own.
  if (distance < 0.01) return polar(index * 137.5, spacing);
  const share = (spacing - distance) / distance;
  return { x: x * share, y: y * share };
}

function quietestBearing(landmarks: readonly Landmark[]): number {
  const room = (bearing: number): number =>
    Math.min(...landmarks.map((each) => Math.abs(((((each.bearingDeg - bearing) % 360) + 540) % 360) - 180)));
  const bearings = Array.from({ length: 24 }, (_, index) => index * 15);
  return bearings.reduce((best, bearing) => (room(bearing) > room(best) ? bearing : best), 0);
}
