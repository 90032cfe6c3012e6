import type { ConstraintArgument } from "../constraints.ts";
import type { LayerOptions } from "../core/layer.ts";
import type { InitializerArgument } from "../initializers.ts";
import type { RegularizerArgument } from "../regularizers.ts";
import { readWeight, type Weight } from "./_weights.ts";

/** What the normalizations have in common. */
export interface ScaleAndOffsetOptions extends LayerOptions {
  /** Added to the variance before its root is taken; 1e-3 by default, as in Keras. */
  readonly epsilon?: number;
  /** Whether an offset is learnt; true by default. */
  readonly center?: boolean;
  /** Whether factors are learnt; true by default. */
  readonly scale?: boolean;
  /** `"zeros"` by default. */
  readonly betaInitializer?: InitializerArgument;
  /** `"ones"` by default. */
  readonly gammaInitializer?: InitializerArgument;
  /** Added to the loss for the offset. */
  readonly betaRegularizer?: RegularizerArgument;
  /** Added to the loss for the factors. */
  readonly gammaRegularizer?: RegularizerArgument;
  /** Applied to the offset after each update. */
  readonly betaConstraint?: ConstraintArgument;
  /** Applied to the factors after each update. */
  readonly gammaConstraint?: ConstraintArgument;
}

/** The defaults of {@linkcode ScaleAndOffsetOptions}. */
export const SCALE_AND_OFFSET = {
  epsilon: 1e-3,
  center: true,
  scale: true,
  betaInitializer: "zeros",
  gammaInitializer: "ones",
  betaRegularizer: undefined,
  gammaRegularizer: undefined,
  betaConstraint: undefined,
  gammaConstraint: undefined,
} as const;

/** The two weights of a normalization, where they are learnt. */
export function readScaleAndOffset(
  read: {
    readonly [K in Exclude<keyof ScaleAndOffsetOptions, keyof LayerOptions>]-?:
      | ScaleAndOffsetOptions[K]
      | undefined;
  },
): {
  readonly gamma: Weight | undefined;
  readonly beta: Weight | undefined;
} {
  const { gammaInitializer = "ones", betaInitializer = "zeros" } = read;
  return {
    gamma: read.scale ? readWeight(gammaInitializer, read.gammaRegularizer, read.gammaConstraint) : undefined,
    beta: read.center ? readWeight(betaInitializer, read.betaRegularizer, read.betaConstraint) : undefined,
  };
}
