/** How reductions read their axes. */
import { type Complete, type Defaults, readAxes, readOptions } from "../../_internal/readers/mod.ts";
import { reducedShape, type Shape, sizeOf } from "../../array/shape.ts";
import type { Operation } from "../../primitives/mod.ts";
import { apply } from "../../variable/apply.ts";
import { toVariable } from "../../variable/operands.ts";
import type { ReductionArgument } from "../../variable/signatures/reductions.ts";
import type { Operand, Variable } from "../../variable/variable.ts";

/** Reads the options of a reduction, for which one axis or a list of axes may stand. */
export function readReduction<O extends { readonly axis?: unknown }, const D extends Defaults<O>>(
  operation: string,
  argument: number | readonly number[] | O | undefined,
  defaults: D,
): Complete<O, D> {
  const isAxis = typeof argument === "number" || Array.isArray(argument);
  return readOptions(operation, (isAxis ? { axis: argument } : argument) as O | undefined, defaults);
}

/** Does a reduction along the axes that the argument names. */
export function reduce(
  operation: Operation,
  x: Operand,
  argument: ReductionArgument | undefined,
  name: string = operation.name,
): Variable {
  const input = toVariable(x);
  const { axis, keepDims } = readReduction(name, argument, {
    axis: undefined,
    keepDims: false,
  });
  return apply(operation, [input], { axes: readAxes(name, axis, input.rank), keepDims });
}

/** A Variable with some axes joined into one. */
export interface FlattenedAxes {
  /** The same elements, with the axes as one. */
  readonly flat: Variable;
  /** That axis. */
  readonly axis: number;
  /** Gives a result without that axis the shape that was asked for. */
  restore(result: Variable): Variable;
}

/**
 * Joins the axes of a reduction, so that an operation along one axis can do it.
 *
 * @throws {RangeError} If x has no such axis
 */
export function flattenAxes(
  operation: string,
  x: Variable,
  argument: ReductionArgument | undefined,
): FlattenedAxes {
  const { axis, keepDims } = readReduction(
    operation,
    argument,
    {
      axis: undefined,
      keepDims: false,
    },
  );
  const axes = readAxes(operation, axis, x.rank);
  const kept = x.shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const first = axes[0] ?? x.rank;
  const areNeighbours = axes.every((a, i) => a === first + i);
  const ordered = areNeighbours ? x : x.transpose([...kept, ...axes]);
  const at = areNeighbours ? first : kept.length;
  const lengths: Shape = kept.map((i) => x.shape[i]!);
  const count = sizeOf(axes.map((a) => x.shape[a]!));
  const flat = axes.length === 1 && areNeighbours
    ? x
    : ordered.reshape([...lengths.slice(0, at), count, ...lengths.slice(at)]);
  return {
    flat,
    axis: at,
    restore: (result) => keepDims ? result.reshape(reducedShape(x.shape, axes, true)) : result,
  };
}
