import { message } from "../../_internal/message.ts";
import { readInteger, readOptions, readShape } from "../../_internal/readers/mod.ts";
import { checkMatrices } from "../_operands.ts";
import { operation as op } from "../../primitives/mod.ts";
import { apply } from "../../variable/apply.ts";
import { toVariable } from "../../variable/operands.ts";
import type { DiagonalOptions } from "../../variable/signatures/shapes.ts";
import type { Operand, Variable } from "../../variable/variable.ts";

/**
 * Upper triangle of matrices: zeros below a diagonal.
 *
 * @param x `[..., rows, columns]`
 * @param options `offset` of the lowest diagonal that is kept
 * @returns The same shape and dtype
 * @throws {TypeError} If x has fewer than two axes
 * @throws {RangeError} If the offset is not an integer
 *
 * @example
 * ```ts
 * import { triu } from "@tapegrad/tapegrad";
 *
 * console.log(triu([[1, 2], [3, 4]]).value); // [[1, 2], [0, 4]]
 * ```
 */
export function triu(x: Operand, options?: DiagonalOptions): Variable {
  return triangle("triu", x, options, true);
}

/**
 * Lower triangle of matrices: zeros above a diagonal.
 *
 * @param x `[..., rows, columns]`
 * @param options `offset` of the highest diagonal that is kept
 * @returns The same shape and dtype
 * @throws {TypeError} If x has fewer than two axes
 * @throws {RangeError} If the offset is not an integer
 *
 * @example
 * ```ts
 * import { tril } from "@tapegrad/tapegrad";
 *
 * console.log(tril([[1, 2], [3, 4]]).value); // [[1, 0], [3, 4]]
 * ```
 */
export function tril(x: Operand, options?: DiagonalOptions): Variable {
  return triangle("tril", x, options, false);
}

/**
 * Diagonals of matrices.
 *
 * @param x `[..., rows, columns]`
 * @param options `offset` of the diagonal
 * @returns `[..., n]`, where n is 0 for an offset outside the matrix
 * @throws {TypeError} If x has fewer than two axes
 * @throws {RangeError} If the offset is not an integer
 *
 * @example
 * ```ts
 * import { diagonal } from "@tapegrad/tapegrad";
 *
 * console.log(diagonal([[1, 2], [3, 4]]).value); // [1, 4]
 * ```
 */
export function diagonal(x: Operand, options?: DiagonalOptions): Variable {
  const { offset } = readOptions("diagonal", options, { offset: 0 });
  const input = toVariable(x);
  readInteger("diagonal", "the offset", offset);
  const [rows, columns] = checkMatrices("diagonal", input);
  const batch = input.shape.slice(0, -2);
  const size = Math.max(0, Math.min(rows + Math.min(0, offset), columns - Math.max(0, offset)));
  return apply(op.stridedSlice, [input.reshape([...batch, rows * columns])], {
    begin: [...batch.map(() => 0), size === 0 ? 0 : offset < 0 ? -offset * columns : offset],
    size: [...batch, size],
    step: [...batch.map(() => 1), columns + 1],
  });
}

/**
 * Matrix with a vector as its diagonal and zeros elsewhere; or, given a matrix, its {@linkcode diagonal}.
 *
 * @param x `[n]`, or `[rows, columns]`
 * @param options `offset` of the diagonal
 * @returns `[n + |offset|, n + |offset|]`, or the diagonal
 * @throws {TypeError} If x has neither one nor two axes
 * @throws {RangeError} If the offset is not an integer
 *
 * @example
 * ```ts
 * import { diag } from "@tapegrad/tapegrad";
 *
 * console.log(diag([1, 2]).value); // [[1, 0], [0, 2]]
 * console.log(diag([[1, 2], [3, 4]]).value); // [1, 4]
 * ```
 */
export function diag(x: Operand, options?: DiagonalOptions): Variable {
  const { offset } = readOptions("diag", options, { offset: 0 });
  const input = toVariable(x);
  readInteger("diag", "offset", offset);
  if (input.rank === 2) return diagonal(input, { offset });
  if (input.rank !== 1) {
    throw new TypeError(
      message`Cannot apply diag to shape ${input.shape}: pass a vector or a matrix, or use
      diagonal()`,
    );
  }
  const side = input.size + Math.abs(offset);
  const shape = readShape("diag", [side, side]);
  const placed = apply(op.stridedPlace, [input], {
    begin: [offset < 0 ? -offset * side : offset],
    step: [side + 1],
    shape: [side * side],
  });
  return placed.reshape(shape);
}

function triangle(name: string, x: Operand, options: DiagonalOptions | undefined, upper: boolean): Variable {
  const { offset } = readOptions(name, options, { offset: 0 });
  const input = toVariable(x);
  checkMatrices(name, input);
  return apply(op.triangle, [input], { upper, diagonal: readInteger(name, "the offset", offset) });
}
