import { readAxis, readOptions } from "../../_internal/readers/mod.ts";
import { concat } from "../shapes/joining.ts";
import { operation as op } from "../../primitives/mod.ts";
import { apply } from "../../variable/apply.ts";
import { toVariable } from "../../variable/operands.ts";
import type { CumulativeOptions } from "../../variable/signatures/reductions.ts";
import type { AxisOptions } from "../../variable/signatures/shapes.ts";
import type { Operand, Variable } from "../../variable/variable.ts";

/**
 * Sums up to each element along an axis.
 *
 * @param x At least one axis
 * @param options `axis`, by default 0; `reverse`; `exclusive`
 * @returns The same shape and dtype
 * @throws {RangeError} If x has no such axis
 *
 * @example
 * ```ts
 * import { cumSum } from "@tapegrad/tapegrad";
 *
 * console.log(cumSum([1, 2, 3]).value); // [1, 3, 6]
 * console.log(cumSum([1, 2, 3], { exclusive: true }).value); // [0, 1, 3]
 * ```
 */
export function cumSum(x: Operand, options?: CumulativeOptions): Variable {
  return accumulate("cumSum", toVariable(x), options, 0);
}

/**
 * Products up to each element along an axis. The derivative does not divide, so it is right where elements are
 * 0, to any order.
 *
 * @param x At least one axis
 * @param options `axis`, by default 0; `reverse`; `exclusive`
 * @returns The same shape and dtype
 * @throws {RangeError} If x has no such axis
 *
 * @example
 * ```ts
 * import { cumProd } from "@tapegrad/tapegrad";
 *
 * console.log(cumProd([1, 2, 3, 4]).value); // [1, 2, 6, 24]
 * ```
 */
export function cumProd(x: Operand, options?: CumulativeOptions): Variable {
  return accumulate("cumProd", toVariable(x), options, 1);
}

/**
 * Logarithm of the sum of exponentials up to each element along an axis, without overflow: a running
 * {@linkcode logSumExp}. Its derivative divides nothing, and -Infinity (an event that is ruled out) does it no harm.
 *
 * @param x At least one axis
 * @param options `axis`, by default 0; `reverse`; `exclusive`
 * @returns The same shape and dtype
 * @throws {RangeError} If x has no such axis
 *
 * @example
 * ```ts
 * import { logCumSumExp } from "@tapegrad/tapegrad";
 *
 * console.log(logCumSumExp([1000, 1000, -Infinity]).value); // [1000, 1000.6931471805599, 1000.6931471805599]
 * ```
 */
export function logCumSumExp(x: Operand, options?: CumulativeOptions): Variable {
  return accumulate("logCumSumExp", toVariable(x), options, -Infinity);
}

/**
 * Largest element up to each one along an axis; NaN wins. Of equal elements the derivative goes to the last,
 * as in PyTorch (JAX shares it).
 *
 * @param x At least one axis
 * @param options `axis`, by default 0
 * @returns The same shape and dtype
 * @throws {RangeError} If x has no such axis
 *
 * @example
 * ```ts
 * import { cumMax } from "@tapegrad/tapegrad";
 *
 * console.log(cumMax([1, 3, 2, 4]).value); // [1, 3, 3, 4]
 * ```
 */
export function cumMax(x: Operand, options?: AxisOptions): Variable {
  const { axis } = readOptions("cumMax", options, { axis: 0 });
  const input = toVariable(x);
  const along = { axis: readAxis("cumMax", axis, input.rank) };
  return apply(op.takeAlongAxis, [input, apply(op.argCumMax, [input], along)], along);
}

/**
 * Smallest element up to each one along an axis; NaN wins. Of equal elements the derivative goes to the last,
 * as in PyTorch (JAX shares it).
 *
 * @param x At least one axis
 * @param options `axis`, by default 0
 * @returns The same shape and dtype
 * @throws {RangeError} If x has no such axis
 *
 * @example
 * ```ts
 * import { cumMin } from "@tapegrad/tapegrad";
 *
 * console.log(cumMin([3, 1, 2, 0]).value); // [3, 1, 1, 0]
 * ```
 */
export function cumMin(x: Operand, options?: AxisOptions): Variable {
  const { axis } = readOptions("cumMin", options, { axis: 0 });
  const input = toVariable(x);
  const along = { axis: readAxis("cumMin", axis, input.rank) };
  return apply(op.takeAlongAxis, [input, apply(op.argCumMax, [input.neg()], along)], along);
}

function accumulate(
  name: "cumSum" | "cumProd" | "logCumSumExp",
  x: Variable,
  options: CumulativeOptions | undefined,
  neutral: number,
): Variable {
  const { axis, reverse, exclusive } = readOptions(name, options, {
    axis: 0,
    reverse: false,
    exclusive: false,
  });
  const along = readAxis(name, axis, x.rank);
  const attributes = { axis: along, reverse };
  const length = x.shape[along]!;
  if (!exclusive || length === 0) return apply(op[name], [x], attributes);
  const edge = toVariable(neutral, x.dtype).broadcastTo(x.shape.map((n, i) => i === along ? 1 : n));
  const begin = x.shape.map((_, i) => i === along && reverse ? 1 : 0);
  const rest = apply(
    op[name],
    [x.slice(begin, x.shape.map((n, i) => i === along ? length - 1 : n))],
    attributes,
  );
  return concat(reverse ? [rest, edge] : [edge, rest], { axis: along });
}
