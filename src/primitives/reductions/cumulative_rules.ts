import type { Shape } from "../../array/shape.ts";
import type { Ops, Sample } from "../primitive.ts";

/** The attributes of what accumulates along an axis. */
export interface Direction {
  /** The axis, not negative. */
  readonly axis: number;
  /** Whether it runs from the end to the start. */
  readonly reverse: boolean;
}

/** What the table tests run operations along an axis on. */
export const DIRECTION_SAMPLES: readonly Sample<Direction>[] = [
  { shapes: [[4]], attributes: { axis: 0, reverse: false } },
  { shapes: [[2, 3]], attributes: { axis: 1, reverse: true } },
  { shapes: [[2, 3, 2]], attributes: { axis: 1, reverse: false } },
  { shapes: [[2, 1]], attributes: { axis: 1, reverse: false } },
  { shapes: [[0, 2]], attributes: { axis: 0, reverse: true } },
  { shapes: [[2, 0]], attributes: { axis: 0, reverse: false } },
];

/** For each element the one before it in the given direction; `fill` for the first. */
export function previousOf<T>(
  ops: Ops<T>,
  x: T,
  shape: Shape,
  { axis, reverse }: Direction,
  fill: number,
): T {
  if (shape[axis] === 0) return x;
  const begin = shape.map((_, i) => i === axis && reverse ? 1 : 0);
  const size = shape.map((length, i) => i === axis ? length - 1 : length);
  const rest = ops.slice(x, { begin, size });
  const edge = ops.broadcastTo(fill, { shape: shape.map((length, i) => i === axis ? 1 : length) });
  return ops.concat(reverse ? [rest, edge] : [edge, rest], { axis });
}

/** The other way along the axis. */
export function opposite({ axis, reverse }: Direction): Direction {
  return { axis, reverse: !reverse };
}
