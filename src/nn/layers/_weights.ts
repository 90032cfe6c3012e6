import type { Variable } from "../../variable/mod.ts";
import { type ActivationArgument, activationOf } from "../activations.ts";
import { type ConstraintArgument, constraintOf } from "../constraints.ts";
import type { Context } from "../core/context.ts";
import type { LayerOptions } from "../core/layer.ts";
import { type InitializerArgument, initializerOf } from "../initializers.ts";
import { type RegularizerArgument, regularizerOf } from "../regularizers.ts";

/** What layers with a bias that is added before an activation have in common. */
export interface BiasOptions extends LayerOptions {
  /** `"linear"` by default. */
  readonly activation?: ActivationArgument;
  /** Whether a bias is added; true by default. */
  readonly useBias?: boolean;
  /** `"zeros"` by default. */
  readonly biasInitializer?: InitializerArgument;
  /** Added to the loss for the bias. */
  readonly biasRegularizer?: RegularizerArgument;
  /** Applied to the bias after each update. */
  readonly biasConstraint?: ConstraintArgument;
  /** Added to the loss for the result. */
  readonly activityRegularizer?: RegularizerArgument;
}

/** What layers with a kernel have in common. */
export interface KernelOptions extends BiasOptions {
  /** `"glorotUniform"` by default. */
  readonly kernelInitializer?: InitializerArgument;
  /** Added to the loss for the kernel. */
  readonly kernelRegularizer?: RegularizerArgument;
  /** Applied to the kernel after each update. */
  readonly kernelConstraint?: ConstraintArgument;
}

/** The defaults of {@linkcode BiasOptions}. */
export const BIAS = {
  activation: "linear",
  useBias: true,
  biasInitializer: "zeros",
  biasRegularizer: undefined,
  biasConstraint: undefined,
  activityRegularizer: undefined,
} as const;

/** The defaults of {@linkcode KernelOptions}. */
export const KERNEL: typeof BIAS & {
  readonly kernelInitializer: "glorotUniform";
  readonly kernelRegularizer: undefined;
  readonly kernelConstraint: undefined;
} = {
  ...BIAS,
  kernelInitializer: "glorotUniform",
  kernelRegularizer: undefined,
  kernelConstraint: undefined,
};

/** Asks a context for a weight. */
export type Weight = (context: Context, name: string, shape: readonly number[]) => Variable;

/** Reads what a weight is made with at once, so that mistakes show before it is asked for. */
export function readWeight(
  initializer: InitializerArgument,
  regularizer: RegularizerArgument | undefined,
  constraint: ConstraintArgument | undefined,
): Weight {
  const start = initializerOf(initializer);
  const options = {
    regularizer: regularizer === undefined ? undefined : regularizerOf(regularizer),
    constraint: constraint === undefined ? undefined : constraintOf(constraint),
  };
  return (context, name, shape) => context.parameter(name, shape, start, options);
}

/** Options of {@linkcode BiasOptions} that were read. */
export interface ReadBias {
  readonly activation: ActivationArgument;
  readonly useBias: boolean;
  readonly biasInitializer: InitializerArgument;
  readonly biasRegularizer: RegularizerArgument | undefined;
  readonly biasConstraint: ConstraintArgument | undefined;
  readonly activityRegularizer: RegularizerArgument | undefined;
}

/** Options of {@linkcode KernelOptions} that were read. */
export interface ReadKernel extends ReadBias {
  readonly kernelInitializer: InitializerArgument;
  readonly kernelRegularizer: RegularizerArgument | undefined;
  readonly kernelConstraint: ConstraintArgument | undefined;
}

/** Reads what the weight `kernel` is made with. */
export function readKernel(read: ReadKernel): Weight {
  return readWeight(read.kernelInitializer, read.kernelRegularizer, read.kernelConstraint);
}

/**
 * Reads what comes after a product: the bias of as many channels as there are on the last axis, the activation, and
 * the regularizer of the result.
 */
export function readFinish(read: ReadBias): (c: Context, product: Variable) => Variable {
  const activate = activationOf(read.activation);
  const bias = readWeight(read.biasInitializer, read.biasRegularizer, read.biasConstraint);
  const regularize = readActivity(read.activityRegularizer);
  return (c, product) => {
    const channels = product.shape.at(-1) ?? 1;
    return regularize(c, activate(read.useBias ? product.add(bias(c, "bias", [channels])) : product));
  };
}

/** Reads what is added to the loss for a result, which it returns. */
export function readActivity(
  regularizer: RegularizerArgument | undefined,
): (c: Context, result: Variable) => Variable {
  if (regularizer === undefined) return (_, result) => result;
  const penalty = regularizerOf(regularizer);
  return (c, result) => {
    c.addLoss(penalty(result));
    return result;
  };
}
