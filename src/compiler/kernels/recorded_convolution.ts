/** Convolutions as the calls of kernels that they consist of, so that compiled code can make them. */
import type { Shape } from "../../array/shape.ts";
import { type ConvolutionCase, type ConvolutionPlan, planConvolution } from "./convolution.ts";
import type { WindowKernels } from "./library.ts";
import { PARAMETERS, type WindowKernel } from "./linked_kernels.ts";

/** What an argument counts from: an operand, the result, the workspace, or nothing. */
export type Base = "x" | "y" | "out" | "scratch" | null;

/** An argument: some bytes on from where something stands, or a number. */
export interface RecordedArgument {
  readonly base: Base;
  readonly value: number;
}

/** A call of a kernel. */
export interface RecordedCall {
  readonly kernel: WindowKernel;
  /** In the order of the kernel's parameters. */
  readonly values: readonly RecordedArgument[];
}

/** A convolution of some images, one after the other. */
export interface RecordedConvolution {
  readonly plan: ConvolutionPlan;
  /** What is done for the first image, and before it. */
  readonly first: readonly RecordedCall[];
  /** What is done for the second one, counted from the first; for each image after it all is one image further on. */
  readonly next: readonly RecordedCall[];
}

/** While calls are recorded, the operands, the result and the workspace are that far apart. */
const APART = 2 ** 40;
const BASES: readonly Base[] = [null, "x", "y", "out", "scratch"];

/** The calls of a convolution of some images. */
export function recordConvolution(
  ...[kind, image, filters, result, geometry, dtype]: ConvolutionCase
): RecordedConvolution {
  const planOf = (batch: number): ConvolutionPlan => {
    const many = (shape: Shape): Shape => [batch, ...shape.slice(1)];
    return planConvolution(kind, many(image), filters, many(result), geometry, dtype, image[0]!);
  };
  const [one, two] = [1, 2].map((batch) => recordRun(planOf(batch))) as [RecordedCall[], RecordedCall[]];
  return { plan: planOf(image[0]!), first: one, next: two.slice(one.length) };
}

/** The calls of all parts of a plan. */
function recordRun(plan: ConvolutionPlan): RecordedCall[] {
  const calls: RecordedCall[] = [];
  const record = (kernel: WindowKernel, values: readonly number[]): void => {
    calls.push({ kernel, values: values.map(argumentOf) });
  };
  const named = (kernel: WindowKernel) => (values: Readonly<Record<string, number>>): void =>
    record(kernel, PARAMETERS[kernel].map((name) => values[name]!));
  const recorder: Pick<WindowKernels, WindowKernel> = {
    direct: named("direct"),
    columns: named("columns"),
    packRight: named("packRight"),
    copyLines: named("copyLines"),
    clear: (...values) => record("clear", values),
  };
  const [x, y, out, scratch] = [1, 2, 3, 4].map((place) => place * APART) as [number, number, number, number];
  plan.run(recorder as WindowKernels, x, y, out, scratch);
  return calls;
}

function argumentOf(value: number): RecordedArgument {
  const place = Math.round(value / APART);
  return { base: BASES[place]!, value: value - place * APART };
}
