import type { HostFunction, Lane, LaneType } from "./lanes.ts";
import * as wasm from "../wasm/writer.ts";
import type { ImportFunc, Vector } from "../wasm/writer.ts";

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
   */
  emit(
    locals: readonly Vector[],
    loadInput: (index: number) => void,
    sink: (root: number) => void,
    constants?: ReadonlyMap<Lane, Vector>,
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
    emit: (locals, loadInput, sink, constants) => {
      for (const { kind, lane, index, scratch } of steps) {
        if (kind === "get") wasm.local.get(locals[index]!);
        else if (kind === "tee") wasm.local.tee(locals[index]!);
        else if (kind === "sink") sink(index);
        else if (lane.operation === "input") loadInput(lane.value as number);
        else if (lane.operation === "constant") {
          const held = constants?.get(lane);
          if (held !== undefined) wasm.local.get(held);
          else emitConstant(lane);
        } else emitOperation(lane, scratch.map((s) => locals[s]!));
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

/** Leaves the vector of a constant on the stack. */
export function emitConstant({ value }: Lane): void {
  // As bytes: the package cannot write integers with the highest bit set.
  const view = new DataView(new ArrayBuffer(16));
  for (let at = 0; at < 16; at += typeof value === "bigint" ? 8 : 4) {
    if (typeof value === "bigint") view.setBigInt64(at, value, true);
    else view.setInt32(at, value as number, true);
  }
  wasm.v128.const("i8x16", [...new Uint8Array(view.buffer)] as never);
}

const LOW_HALVES = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];
const HIGH_HALF_FIRST = [8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7];

/** Takes the operands from the stack and leaves the result. */
function emitOperation(lane: Lane, scratch: readonly Vector[]): void {
  const { operation, value } = lane;
  if (operation === "high") return void wasm.i8x16.shuffle(HIGH_HALF_FIRST as never);
  if (operation === "join") return void wasm.i8x16.shuffle(LOW_HALVES as never);
  const [first, second] = operation.split(".") as [string, string];
  if (typeof value === "object") return emitCall(first, second as LaneType, value, scratch);
  if (value !== 0) wasm.i32.const(value as number);
  (wasm[first as "f32x4"] as unknown as Record<string, () => void>)[second]!();
}

/** Writes calls of a host's function, those of a rescue behind a branch. */
function emitCall(kind: string, type: LaneType, host: HostFunction, scratch: readonly Vector[]): void {
  for (let i = scratch.length - 1; i >= 0; i--) wasm.local.set(scratch[i]!);
  if (kind === "call") return emitCalls(type, host, scratch);
  const [result, mask] = scratch as [Vector, Vector];
  wasm.v128.any_true(mask);
  wasm.if_({}, () => {
    emitCalls(type, host, scratch.slice(2));
    wasm.local.get(result);
    wasm.local.get(mask);
    wasm.v128.bitselect();
    wasm.local.set(result);
  });
  wasm.local.get(result);
}

/** Calls a host's function for each element and leaves the vector of its results on the stack. */
function emitCalls(type: LaneType, host: HostFunction, operands: readonly Vector[]): void {
  const imported = importOf(host);
  wasm.local.get(operands[0]!);
  for (let i = 0; i < (type === "f32x4" ? 4 : 2); i++) {
    for (const operand of operands) {
      wasm.local.get(operand);
      wasm[type].extract_lane(i);
      if (type === "f32x4") wasm.f64.promote_f32();
    }
    wasm.call(imported);
    if (type === "f32x4") wasm.f32.demote_f64();
    (wasm[type].replace_lane as (lane: number) => void)(i);
  }
}

type Import = ImportFunc<"f64"[], ["f64"]>;
const IMPORTS = new Map<HostFunction, Import>();

/** The import of a host's function, one for all modules. */
function importOf(host: HostFunction): Import {
  let imported = IMPORTS.get(host);
  if (imported === undefined) {
    const parameters = new Array(host.arity).fill(wasm.f64);
    imported = wasm.importFunc({ in: parameters as never, out: [wasm.f64] }, host.run) as unknown as Import;
    IMPORTS.set(host, imported);
  }
  return imported;
}
