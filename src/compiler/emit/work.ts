import type { LoopPlan } from "../plan/loops.ts";
import { lanesOf } from "../wasm/linear_memory.ts";
import { relaxedSimd } from "../wasm/writer.ts";
import type { LanePlan } from "./lane_plan.ts";
import { bodyOf } from "./loop_body.ts";

/** What a loop computes, and how long it takes. */
export interface Work {
  readonly body: LanePlan;
  /** About how many instructions on vectors all of it takes. */
  readonly work: number;
  /** Whether other threads can compute it: all that it calls can be made there. */
  readonly canDivide: boolean;
}

/** The work of a loop. */
export function workOf(plan: LoopPlan): Work {
  const body = bodyOf(plan, relaxedSimd());
  const { dtype, lengths, sources, stores, reductions } = plan;
  const vectors = lengths.reduce((product, n) => product * n, 1) / lanesOf(dtype);
  return {
    body,
    work: vectors * (body.instructionCount + sources.length + stores.length + reductions.length),
    canDivide: body.hosts.every(({ source }) => source !== undefined),
  };
}
