import { message } from "../../_internal/message.ts";
import { sizeOf } from "../../array/shape.ts";
import { operation as op } from "../../primitives/mod.ts";
import { checkInteger, checkMatrices } from "../reductions/_axes.ts";
import { apply, type Operand, toVariable, type Variable } from "../../variable/variable.ts";

/** Which diagonal is meant. */
export interface DiagonalOptions {
  /** 0 (the default) is the main diagonal, 1 the one above it, -1 the one below it. */
  readonly offset?: number;
}

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
export function triu(x: Operand, options: DiagonalOptions = {}): Variable {
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
export function tril(x: Operand, options: DiagonalOptions = {}): Variable {
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
export function diagonal(x: Operand, { offset = 0 }: DiagonalOptions = {}): Variable {
  const input = toVariable(x);
  checkInteger("diagonal", "the offset", offset);
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
export function diag(x: Operand, options: DiagonalOptions = {}): Variable {
  const input = toVariable(x);
  if (input.rank === 2) return diagonal(input, options);
  if (input.rank !== 1) {
    throw new TypeError(
      message`Cannot apply diag to shape ${input.shape}: pass a vector or a matrix, or use
      diagonal()`,
    );
  }
  const offset = checkInteger("diag", "the offset", options.offset ?? 0);
  const side = input.size + Math.abs(offset);
  const placed = apply(op.stridedPlace, [input], {
    begin: [offset < 0 ? -offset * side : offset],
    step: [side + 1],
    shape: [sizeOf([side, side])],
  });
  return placed.reshape([side, side]);
}

function triangle(name: string, x: Operand, { offset = 0 }: DiagonalOptions, upper: boolean): Variable {
  const input = toVariable(x);
  checkMatrices(name, input);
  return apply(op.triangle, [input], { upper, diagonal: checkInteger(name, "the offset", offset) });
}
