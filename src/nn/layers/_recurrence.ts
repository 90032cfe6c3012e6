import { message } from "../../_internal/message.ts";
import { flip, ones, zeros } from "../../functions/mod.ts";
import { sameShape, type Shape } from "../../array/shape.ts";
import { scan } from "../../transforms/mod.ts";
import type { Variable } from "../../variable/mod.ts";
import type { ActivationArgument } from "../activations.ts";
import type { ConstraintArgument } from "../constraints.ts";
import type { Context } from "../core/context.ts";
import { defineLayer, type Layer, type LayerOptions } from "../core/layer.ts";
import { endMask, maskOf, noteMask } from "../core/notes.ts";
import type { InitializerArgument } from "../initializers.ts";
import type { RegularizerArgument } from "../regularizers.ts";
import { article, checkRank, readCount } from "./_options.ts";
import {
  KERNEL,
  type KernelOptions,
  readActivity,
  type ReadKernel,
  readKernel,
  readWeight,
} from "./_weights.ts";
import { dropTogether, readRate } from "./regularization.ts";

/** What recurrent layers have in common. */
export interface RecurrentOptions extends KernelOptions {
  /** The number of units: features of the state and the result. */
  readonly units: number;
  /** `"tanh"` by default. */
  readonly activation?: ActivationArgument;
  /** Whether the result holds every step, not the last one only; false by default. */
  readonly returnSequences?: boolean;
  /** Whether the result is an array of the output and the last state; false by default. */
  readonly returnState?: boolean;
  /** Whether the steps are taken from the last to the first, and given out in this order; false by default. */
  readonly goBackwards?: boolean;
  /** `"orthogonal"` by default. */
  readonly recurrentInitializer?: InitializerArgument;
  /** Added to the loss for the recurrent kernel. */
  readonly recurrentRegularizer?: RegularizerArgument;
  /** Applied to the recurrent kernel after each update. */
  readonly recurrentConstraint?: ConstraintArgument;
  /** The probability with which a feature of the input is dropped in training, in all steps; 0 by default. */
  readonly dropout?: number;
  /** The probability with which a unit is dropped in training on its way to the next step; 0 by default. */
  readonly recurrentDropout?: number;
}

/** The defaults of {@linkcode RecurrentOptions}. */
export const RECURRENT: Omit<typeof KERNEL, "activation"> & {
  readonly units: undefined;
  readonly activation: "tanh";
  readonly returnSequences: false;
  readonly returnState: false;
  readonly goBackwards: false;
  readonly recurrentInitializer: "orthogonal";
  readonly recurrentRegularizer: undefined;
  readonly recurrentConstraint: undefined;
  readonly dropout: 0;
  readonly recurrentDropout: 0;
} = {
  ...KERNEL,
  units: undefined,
  activation: "tanh",
  returnSequences: false,
  returnState: false,
  goBackwards: false,
  recurrentInitializer: "orthogonal",
  recurrentRegularizer: undefined,
  recurrentConstraint: undefined,
  dropout: 0,
  recurrentDropout: 0,
};

/** Makes recurrent layers; with `returnState: true` they give an array of the output and the last state. */
export interface RecurrentFactory<O> {
  /** A layer that gives its output and state. */
  (
    options: O & LayerOptions & { readonly returnState: true },
  ): Layer<Variable | readonly Variable[], readonly Variable[]>;
  /** A layer that gives its output. */
  (options: O & LayerOptions): Layer<Variable | readonly Variable[]>;
}

/** Options that were read. */
interface ReadRecurrent extends ReadKernel {
  readonly units: number;
  readonly returnSequences: boolean;
  readonly returnState: boolean;
  readonly goBackwards: boolean;
  readonly recurrentInitializer: InitializerArgument;
  readonly recurrentRegularizer: RegularizerArgument | undefined;
  readonly recurrentConstraint: ConstraintArgument | undefined;
  readonly dropout: number;
  readonly recurrentDropout: number;
}

/** What a kind of recurrent layer is made of. */
export interface Cell {
  /** How many columns of the kernels belong to a unit. */
  readonly gates: number;
  /** How many values a unit keeps; the first of them is its output. */
  readonly states: number;
  /** The start values of the bias. */
  readonly biasInitializer?: InitializerArgument;
  /** The shape of the bias; `[gates * units]` by default. */
  readonly biasShape?: (units: number) => readonly number[];
  /** The part of the bias that belongs to the product with the input; all of it by default. */
  readonly inputBias?: (bias: Variable) => Variable;
  /** What steps use of recurrent kernel and bias, found once before the loop; by default the kernel. */
  readonly prepare?: (kernel: Variable, bias: Variable | undefined) => readonly Variable[];
  /**
   * One step.
   *
   * @param x The product of the step's input with the kernel, and bias, `[batch, gates * units]`
   * @param states What the units have kept, each `[batch, units]`
   * @param output What the units see of their last output, `[batch, units]`
   * @param weights What `prepare` gave
   * @returns What they keep then
   */
  readonly step: (
    x: Variable,
    states: readonly Variable[],
    output: Variable,
    weights: readonly Variable[],
  ) => readonly Variable[];
}

/** Defines a recurrent layer of a cell. */
export function defineRecurrent<O extends RecurrentOptions>(
  kind: string,
  make: (options: O) => { readonly read: ReadRecurrent; readonly cell: Cell },
): RecurrentFactory<O> {
  const factory = defineLayer(kind, (options: O) => {
    const { read, cell } = make(options);
    return recurrence(kind, read, cell);
  });
  return factory as unknown as RecurrentFactory<O>;
}

function recurrence(
  kind: string,
  read: ReadRecurrent,
  cell: Cell,
): (input: Variable | readonly Variable[], c: Context) => Variable | readonly Variable[] {
  const units = readCount(kind, "units", read.units);
  const columns = cell.gates * units;
  const rate = readRate(kind, read.dropout);
  const recurrentRate = readRate(kind, read.recurrentDropout);
  const kernel = readKernel(read);
  const recurrentKernel = readWeight(
    read.recurrentInitializer,
    read.recurrentRegularizer,
    read.recurrentConstraint,
  );
  const bias = readWeight(
    cell.biasInitializer ?? read.biasInitializer,
    read.biasRegularizer,
    read.biasConstraint,
  );
  const regularize = readActivity(read.activityRegularizer);
  return (input, c) => {
    const [x, ...given] = Array.isArray(input) ? input as Variable[] : [input as Variable];
    checkRank(kind, x?.shape ?? [], 3, "[steps, features]");
    const [batch = 1, , features = 0] = x!.shape;
    checkStates(kind, given, cell.states, [batch, units]);
    const inner = kernel(c, "kernel", [features, columns]);
    const outer = recurrentKernel(c, "recurrentKernel", [units, columns]);
    const shift = read.useBias ? bias(c, "bias", cell.biasShape?.(units) ?? [columns]) : undefined;
    const inputShift = shift === undefined ? undefined : cell.inputBias?.(shift) ?? shift;
    const kept = c.training && rate > 0 ? dropTogether(c.key(), x!, rate, [batch, 1, features]) : x!;
    // The products with the inputs of all steps are one product before the loop.
    const product = kept.matmul(inner);
    const projected = inputShift === undefined ? product : product.add(inputShift);
    const zero = zeros([batch, units], { dtype: projected.dtype });
    const start = given.length > 0 ? given : Array.from({ length: cell.states }, () => zero);
    const drop = c.training && recurrentRate > 0
      ? dropTogether(c.key(), ones([batch, units], { dtype: projected.dtype }), recurrentRate, [batch, units])
      : undefined;
    const weights = cell.prepare?.(outer, shift) ?? [outer];
    const mask = maskOf(x!);
    const { outputs, last } = takeSteps(projected, mask, start, read.goBackwards, (projection, states) => {
      const output = states[0]!;
      return cell.step(projection, states, drop === undefined ? output : output.mul(drop), weights);
    }, read.returnSequences);
    const output = regularize(c, outputs ?? last[0]!);
    const noted = read.returnSequences && mask !== undefined
      ? noteMask(output, read.goBackwards ? flip(mask, { axis: 1 }) : mask)
      : endMask(x!, output);
    return read.returnState ? [noted, ...last] : noted;
  };
}

/** Takes the steps of projected inputs `[batch, time, columns]`; a step that does not count changes nothing. */
function takeSteps(
  projected: Variable,
  mask: Variable | undefined,
  start: readonly Variable[],
  goBackwards: boolean,
  step: (x: Variable, states: readonly Variable[]) => readonly Variable[],
  collects: boolean,
): { readonly outputs: Variable | undefined; readonly last: readonly Variable[] } {
  const timeFirst = (v: Variable): Variable => {
    const turned = v.transpose([1, 0, 2]);
    return goBackwards ? flip(turned, { axis: 0 }) : turned;
  };
  const masks = mask?.cast(projected.dtype).reshape([...mask.shape, 1]);
  const inputs = masks === undefined ? [projected] : [projected, masks];
  const [last, collected] = scan(
    (states: readonly Variable[], [x, counts]: readonly Variable[]) => {
      const next = step(x!, states);
      const kept = counts === undefined ? next : next.map((each, i) => counts.where(each, states[i]!));
      return [kept, collects ? [kept[0]!] : []] as const;
    },
    start,
    inputs.map(timeFirst),
  );
  return { outputs: collected[0]?.transpose([1, 0, 2]), last };
}

function checkStates(kind: string, states: readonly Variable[], count: number, shape: Shape): void {
  if (states.length === 0) return;
  if (states.length === count && states.every((state) => sameShape(state.shape, shape))) return;
  throw new TypeError(
    message`Cannot start ${article(kind)} ${kind} layer from states of shapes ${
      states.map((state) => state.shape)
    }: expected
    ${count} of shape ${shape}`,
  );
}

/** The columns of each gate of `[batch, count * units]`. */
export function splitGates(x: Variable, count: number): Variable[] {
  const [rows = 1, columns = 0] = x.shape;
  const units = columns / count;
  return Array.from({ length: count }, (_, i) => x.slice([0, i * units], [rows, units]));
}
