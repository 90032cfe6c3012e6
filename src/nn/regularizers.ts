import { readNumber } from "../_internal/readers/mod.ts";
import type { Variable } from "../variable/mod.ts";
import { type Factory, Registry } from "./core/registry.ts";

/** What is added to the loss for a parameter: a rank-0 Variable. */
export type Regularizer = (parameter: Variable) => Variable;

/** A regularizer by its name, or a function. */
export type RegularizerArgument = "l1" | "l2" | "l1l2" | Regularizer;

/** The regularizers, by name. */
export const regularizers: Registry<Regularizer> = new Registry<Regularizer>("regularizer");

/** The sum of absolute values, times a factor; 0.01 by default. */
export const l1: Factory<{ l1?: number }, Regularizer> = regularizers.define(
  "l1",
  ({ l1 = 0.01 }: { l1?: number }) => penalty("l1", l1, 0),
);

/** The sum of squares, times a factor; 0.01 by default. */
export const l2: Factory<{ l2?: number }, Regularizer> = regularizers.define(
  "l2",
  ({ l2 = 0.01 }: { l2?: number }) => penalty("l2", 0, l2),
);

/** Both sums, times a factor each; 0.01 by default. */
export const l1l2: Factory<{ l1?: number; l2?: number }, Regularizer> = regularizers.define(
  "l1l2",
  ({ l1 = 0.01, l2 = 0.01 }: { l1?: number; l2?: number }) => penalty("l1l2", l1, l2),
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
