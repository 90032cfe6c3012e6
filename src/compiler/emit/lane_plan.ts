import type { HostFunction, Lane } from "../math/lanes.ts";
import { emitConstant, emitOperation } from "./lane_instructions.ts";
import { local, type Vector } from "../wasm/writer.ts";

/** How to write the lanes of some roots; the same plan can be written more than once. */
export interface LanePlan {
  /** How many `v128` locals {@linkcode LanePlan.emit} needs. */
  readonly localCount: number;
  /** The constants, those used most first. */
  readonly constants: readonly Lane[];
  /** How many instructions are written, without those that load inputs and constants. */
  readonly instructionCount: number;
  /** The functions of the host that are imported. */
  readonly hosts: readonly HostFunction[];
  /**
   * Writes the code.
   *
   * @param locals As many as `localCount`
   * @param loadInput Writes code that leaves an input's vector on the stack
   * @param sink Writes code that takes a root's vector from the stack
   * @param constants Locals that hold constants; others are written where they are used
   * @param count How many elements of the vectors count, all by default: functions of the host are called for these
   */
  emit(
    locals: readonly Vector[],
    loadInput: (index: number) => void,
    sink: (root: number) => void,
    constants?: ReadonlyMap<Lane, Vector>,
    count?: number,
  ): void;
}

/** Part of a plan: compute a lane from what is on the stack, or move between the stack and a local. */
interface Step {
  readonly kind: "compute" | "get" | "tee" | "sink";
  readonly lane: Lane;
  /** The local of `get` and `tee`, the root of `sink`. */
  readonly index: number;
  /** Locals that `compute` works in. */
  readonly scratch: readonly number[];
}

/** Plans the order of instructions, and the locals for what is used more than once. */
export function planLanes(roots: readonly Lane[]): LanePlan {
  const planner = new Planner(roots);
  const { steps } = planner;
  return {
    localCount: planner.localCount,
    constants: planner.constants(),
    instructionCount: steps.filter(({ kind, lane }) => kind === "compute" && lane.operands.length > 0).length,
    hosts: steps.flatMap(({ lane: { value } }) => typeof value === "object" ? [value] : []),
    emit: (locals, loadInput, sink, constants, count) => {
      for (const { kind, lane, index, scratch } of steps) {
        if (kind === "get") local.get(locals[index]!);
        else if (kind === "tee") local.tee(locals[index]!);
        else if (kind === "sink") sink(index);
        else if (lane.operation === "input") loadInput(lane.value as number);
        else if (lane.operation === "constant") {
          const held = constants?.get(lane);
          if (held !== undefined) local.get(held);
          else emitConstant(lane);
        } else emitOperation(lane, scratch.map((s) => locals[s]!), count);
      }
    },
  };
}

class Planner {
  readonly steps: Step[] = [];
  localCount = 0;
  readonly #uses = new Map<Lane, number>();
  readonly #locals = new Map<Lane, number>();
  readonly #free: number[] = [];

  constructor(roots: readonly Lane[]) {
    for (const root of roots) this.#count(root);
    roots.forEach((root, i) => {
      this.#visit(root);
      this.#step("sink", root, i);
    });
  }

  /** The constants, those used most first. */
  constants(): Lane[] {
    const uses = new Map<Lane, number>();
    for (const { kind, lane } of this.steps) {
      if (kind !== "compute" || lane.operation !== "constant") continue;
      uses.set(lane, (uses.get(lane) ?? 0) + 1);
    }
    return [...uses.keys()].sort((a, b) => uses.get(b)! - uses.get(a)!);
  }

  #count(lane: Lane): void {
    const uses = this.#uses.get(lane) ?? 0;
    this.#uses.set(lane, uses + 1);
    if (uses === 0) lane.operands.forEach((o) => this.#count(o));
  }

  #visit(lane: Lane): void {
    const { operands } = lane;
    const held = this.#locals.get(lane);
    if (held !== undefined) {
      this.#step("get", lane, held);
      this.#release(lane);
      return;
    }
    operands.forEach((o) => this.#visit(o));
    // Calls look at their operands once for each element, so they need them in locals.
    const scratch = typeof lane.value === "object" ? operands.map(() => this.#take()) : [];
    this.#step("compute", lane, 0, scratch);
    this.#free.push(...scratch);
    if (this.#uses.get(lane)! === 1 || lane.operation === "constant") return;
    const local = this.#take();
    this.#locals.set(lane, local);
    this.#step("tee", lane, local);
    this.#release(lane);
  }

  /** Counts a use; after the last one the local is free again. */
  #release(lane: Lane): void {
    const left = this.#uses.get(lane)! - 1;
    this.#uses.set(lane, left);
    if (left === 0) this.#free.push(this.#locals.get(lane)!);
  }

  #take(): number {
    return this.#free.pop() ?? this.localCount++;
  }

  #step(kind: Step["kind"], lane: Lane, index: number, scratch: readonly number[] = []): void {
    this.steps.push({ kind, lane, index, scratch });
  }
}
