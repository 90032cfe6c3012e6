import { message } from "../_internal/message.ts";
import { readChoice, readNumber, readOptions } from "../_internal/readers/mod.ts";
import { eye } from "../functions/mod.ts";
import type { Variable } from "../variable/mod.ts";
import { type Factory, Registry } from "./core/registry.ts";

/** What is added to the loss for a parameter: a rank-0 Variable. */
export type Regularizer = (parameter: Variable) => Variable;

/** A regularizer by its name, or a function. */
export type RegularizerArgument = "l1" | "l2" | "orthogonalRegularizer" | Regularizer;

/** The regularizers, by name. */
export const regularizers: Registry<Regularizer> = new Registry<Regularizer>("regularizer");

/** The sum of absolute values, times a factor; 0.01 by default. */
export const l1: Factory<{ l1?: number }, Regularizer> = regularizers.define(
  "l1",
  (options: { l1?: number }) => penalty("l1", readOptions("the regularizer l1", options, { l1: 0.01 }).l1, 0),
);

/** The sum of squares, times a factor; 0.01 by default. */
export const l2: Factory<{ l2?: number }, Regularizer> = regularizers.define(
  "l2",
  (options: { l2?: number }) => penalty("l2", 0, readOptions("the regularizer l2", options, { l2: 0.01 }).l2),
);

/** Both sums, times a factor each; 0 by default, as in Keras, so that it needs options. */
export const l1l2: Factory<{ l1?: number; l2?: number }, Regularizer> = regularizers.define(
  "l1l2",
  (options: { l1?: number; l2?: number }) => {
    const { l1, l2 } = readOptions("the regularizer l1l2", options, { l1: 0, l2: 0 });
    return penalty("l1l2", l1, l2);
  },
);

/** Options of {@linkcode orthogonalRegularizer}. */
export interface OrthogonalOptions {
  /** 0.01 by default. */
  readonly factor?: number;
  /** What should be orthogonal: the rows (the default) or the columns of the matrix. */
  readonly mode?: "rows" | "columns";
}

/** The mean of the cosines between all pairs of rows, or columns, of a matrix, by their size, times a factor. */
export const orthogonalRegularizer: Factory<OrthogonalOptions, Regularizer> = regularizers.define(
  "orthogonalRegularizer",
  (options: OrthogonalOptions): Regularizer => {
    const name = "the regularizer orthogonalRegularizer";
    const read = readOptions(name, options, { factor: 0.01, mode: "rows" });
    const factor = readNumber(name, "factor", read.factor, { min: 0, below: Infinity });
    const mode = readChoice(name, "mode", read.mode, ["rows", "columns"]);
    return (p) => {
      if (p.rank !== 2) {
        throw new TypeError(
          message`Cannot regularize shape ${p.shape} by orthogonalRegularizer: it needs two axes`,
        );
      }
      const rows = (mode === "rows" ? p : p.transpose()).normalizeL2();
      const count = rows.shape[0] ?? 1;
      const cosines = rows.matmul(rows.transpose()).mul(eye(count, { dtype: p.dtype }).neg().add(1));
      return cosines.abs().sum().mul(factor / Math.max(1, count * (count - 1)));
    };
  },
);

function penalty(name: string, l1: number, l2: number): Regularizer {
  readNumber(`the regularizer ${name}`, "l1", l1, { min: 0, below: Infinity });
  readNumber(`the regularizer ${name}`, "l2", l2, { min: 0, below: Infinity });
  return (p) => {
    const absolute = l1 === 0 ? undefined : p.abs().sum().mul(l1);
    const squares = l2 === 0 && absolute !== undefined ? undefined : p.square().sum().mul(l2);
    if (absolute === undefined || squares === undefined) return (absolute ?? squares)!;
    return absolute.add(squares);
  };
}

/**
 * Looks a regularizer up, or takes a function as one.
 *
 * @throws {RangeError} If there is none of that name
 */
export function regularizerOf(regularizer: RegularizerArgument): Regularizer {
  return regularizers.resolve(regularizer);
}
