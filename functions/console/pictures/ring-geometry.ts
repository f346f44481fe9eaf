export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A quadratic curve, as SVG draws it. */
export interface Curve {
  readonly start: Point;
  readonly control: Point;
  readonly end: Point;
}

export interface RingLayout {
  readonly width: number;
  readonly height: number;
  /** Of a node's circle. */
  readonly radius: number;
  /** Centres, in ring order, clockwise. */
  readonly centres: readonly Point[];
}

const width = 520;

/** One node in the middle, two side by side, more on an ellipse with the first on top. */
export function ringLayout(count: number): RingLayout {
  if (count <= 1) return { width, height: 190, radius: 54, centres: count === 0 ? [] : [{ x: width / 2, y: 92 }] };
  if (count === 2) {
    const y = 130;
    return { width, height: 260, radius: 54, centres: [110, width - 110].map((x) => ({ x, y })) };
  }
  const radius = count <= 4 ? 54 : count <= 6 ? 46 : 38;
  const radiusX = count === 3 ? 158 : 188;
  const radiusY = count === 3 ? 138 : count <= 4 ? 140 : 172;
  const top = radius + 26;
  const lowest = Math.max(...angles(count).map(Math.sin));
  const centres = angles(count).map((angle) => ({
    x: width / 2 + radiusX * Math.cos(angle),
    y: top + radiusY + radiusY * Math.sin(angle),
  }));
  return { width, height: top + radiusY * (1 + lowest) + radius + 30, radius, centres };
}

function angles(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => (2 * Math.PI * index) / count - Math.PI / 2);
}

/** From edge to edge of two circles, bent to the left of its direction: outwards for the next node of the ring, and never on top of the way back. */
export function arrowBetween(from: Point, to: Point, radius: number, bend: number): Curve {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const normal = { x: (to.y - from.y) / length, y: -(to.x - from.x) / length };
  const control = { x: (from.x + to.x) / 2 + normal.x * bend * 2, y: (from.y + to.y) / 2 + normal.y * bend * 2 };
  return { start: towards(from, control, radius + 6), control, end: towards(to, control, radius + 10) };
}

export function pointOn(curve: Curve, part: number): Point {
  const rest = 1 - part;
  const mix = (start: number, control: number, end: number) => rest * rest * start + 2 * rest * part * control + part * part * end;
  return { x: mix(curve.start.x, curve.control.x, curve.end.x), y: mix(curve.start.y, curve.control.y, curve.end.y) };
}

/** In degrees, of the direction in which the curve arrives. */
export function arrivalAngle(curve: Curve): number {
  return (Math.atan2(curve.end.y - curve.control.y, curve.end.x - curve.control.x) * 180) / Math.PI;
}

function towards(from: Point, to: Point, distance: number): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  return { x: from.x + ((to.x - from.x) * distance) / length, y: from.y + ((to.y - from.y) * distance) / length };
}
