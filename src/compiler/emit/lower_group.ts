/** The steps of a program: what is called to compute the nodes of a group. */
import { sizeOf } from "../../array/shape.ts";
import { divisionOf } from "../plan/division.ts";
import type { Node } from "../graph/nodes.ts";
import { movementOf } from "../plan/movement.ts";
import { isProduct, productsOf } from "../plan/products.ts";
import type { Blas } from "../blas/library.ts";
import { paysToCall, THREADS_LIKE_NATIVE } from "../blas/products.ts";
import { emitCombination, partialBytes, sumsBytes } from "./loop_parameters.ts";
import { emitLoop } from "./loops.ts";
import type { LoopPlan } from "../plan/loops.ts";
import { isInPlace, writesOf } from "../plan/region_members.ts";
import { drawCalls } from "./draws.ts";
import { movementCalls } from "./copies.ts";
import { indexedCalls, type IndexedStep } from "./indexing.ts";
import { matmulCalls } from "./products.ts";
import { paddedSize } from "../wasm/linear_memory.ts";
import { isView, type PlannedStep } from "../plan/memory.ts";
import type { Group } from "../plan/fusion.ts";
import { type Argument, type Call, valueAt, wholeCall, workspaceAt } from "./step_function.ts";
import {
  indexCheckStep,
  isConvolution,
  type KernelStep,
  kernelStep,
  nativeConvolution,
  paddingStep,
} from "../kernels/kernel_steps.ts";
import { walkCalls } from "./row_walks.ts";
import { sortingCalls } from "./sorting.ts";
import { convolutionCalls, hasImages } from "./convolutions.ts";
import { poolingCalls } from "./windows.ts";
import type { Threading } from "../plan/program.ts";
import { workOf } from "./loop_body.ts";

/** One step: calls in WebAssembly, or a kernel that is called from here. */
export interface Step extends PlannedStep {
  readonly group: Group;
  readonly code: readonly Call[] | KernelStep;
  /** What it consists of, if it is a region. */
  readonly parts?: string;
  /** The native library that it is computed by, if any. */
  readonly library?: string;
}

/** Makes the step of a loop. */
export function loopStepOf(group: Group, plan: LoopPlan, threading: Threading): Step {
  const whole = plan.sources.filter(({ strides, node }) => strides[0] === 1 && !isView(node));
  return {
    group,
    ...loopCalls(plan, threading),
    reads: plan.sources.map(({ node }) => node),
    writes: writesOf(plan),
    inPlace: isInPlace(plan) ? whole.map(({ node }) => node) : [],
  };
}

/** The calls of a loop, and of what puts together the results of its chunks; and the workspace they need. */
function loopCalls(plan: LoopPlan, threading: Threading): { code: readonly Call[]; scratch: number } {
  const { reductions } = plan;
  const { body, work, canDivide } = workOf(plan);
  const division = divisionOf(plan);
  const isParallel = division !== null && threading.count > 1 && work >= threading.leastWork &&
    canDivide;
  const chunks = division?.chunks ?? 0;
  const isDivided = isParallel || chunks > 0;
  const { code, parameters } = emitLoop(plan, body, isDivided);
  const combinations: Call[] = [];
  let scratch = 0;
  const values = parameters.map(({ role, node, step, isPartial }): Argument => {
    const reduction = reductions.find((r) => r.node === node)!;
    const start = scratch;
    if (isPartial) {
      scratch += chunks * partialBytes(reduction);
      combinations.push(wholeCall(emitCombination(reduction, chunks), [workspaceAt(start), valueAt(node)]));
      return workspaceAt(start, partialBytes(reduction));
    }
    if (role !== "sums") return valueAt(node, 0, step);
    const perThread = paddedSize(sumsBytes(plan, reduction));
    scratch += perThread * (isParallel ? threading.count : 1);
    return { kind: "workspace", start, perThread: isParallel ? perThread : 0, perChunk: 0 };
  });
  if (isDivided) values.push({ kind: "length" });
  const loop: Call = {
    code,
    arguments: values,
    division: isDivided ? division : null,
    isParallel,
    work,
    isIndependent: false,
  };
  return { code: [loop, ...combinations], scratch };
}

/** Whether a group is a product or a convolution that the kernels here can do some rows or images of at a time. */
export function hasRows({ nodes: [node] }: Group, blas: Blas | null, { count }: Threading): boolean {
  if (isProduct(node!)) return blas === null || !paysToCall(productsOf(node!), 1);
  return isConvolution(node!) && nativeConvolution(node!, blas, count) === null && hasImages(node!);
}

/** Makes the steps of a node that is no loop: elements that are moved, or a kernel. */
export function singleSteps(group: Group, threading: Threading, blas: Blas | null = null): Step[] {
  const node = group.nodes[0]!;
  const step = { group, reads: node.operands, writes: [node], inPlace: [] };
  const movement = sizeOf(node.shape) === 0 ? null : movementOf(node);
  if (movement !== null) return [{ ...step, ...movementCalls(node, movement, threading) }];
  const { count } = threading;
  if (
    isConvolution(node) && (count >= THREADS_LIKE_NATIVE || nativeConvolution(node, blas, count) === null)
  ) {
    const shared = convolutionCalls(node, threading);
    if (shared !== null) {
      return [{ ...step, ...shared }, ...shared.isPadded ? [paddingCheck(group, node)] : []];
    }
  }
  const inProgram = isProduct(node)
    ? matmulCalls(node, threading, blas)
    : drawCalls(node, threading) ?? poolingCalls(node, threading) ?? sortingCalls(node, threading) ??
      walkCalls(node, threading);
  if (inProgram !== null) return [{ ...step, ...inProgram }];
  const indexed = indexedCalls(node, threading);
  if (indexed !== null) {
    const { check, ...calls } = indexed;
    return [...check === null ? [] : [indexCheck(group, check)], { ...step, ...calls }];
  }
  const kernel = kernelStep(node, blas, count);
  return [{ ...step, code: kernel, scratch: kernel.scratch, library: kernel.library }];
}

/** The step that looks whether integers lie along an axis. */
function indexCheck(group: Group, { indices, into, axis, doing }: NonNullable<IndexedStep["check"]>): Step {
  const code = indexCheckStep(indices, doing, into.shape, axis);
  return { group, reads: [indices], writes: [], inPlace: [], code, scratch: code.scratch };
}

/** The step that looks whether a convolution has to be done again. */
function paddingCheck(group: Group, node: Node): Step {
  const code = paddingStep(node);
  return { group, reads: [...node.operands, node], writes: [], inPlace: [], code, scratch: code.scratch };
}
