/** What a program does in one run: functions of WebAssembly for runs of steps, and kernels between them. */
import type { Step } from "../emit/lower_group.ts";
import { type Call, emitBarrier, emitStepFunction, type StepCalls } from "../emit/step_function.ts";
import { TOGETHER } from "../plan/division.ts";
import type { Threading } from "../plan/program.ts";
import { sharedMemory } from "../wasm/linear_memory.ts";
import { importMemory, Module, type WasmFunction } from "../wasm/writer.ts";
import type { ProgramMemory } from "./program_memory.ts";
import { threadImports } from "./thread_imports.ts";
import { NoThreads, threadPool } from "./threads.ts";

/** Steps, or parts of steps, that follow one another and become one function. */
interface Segment {
  readonly parts: StepCalls[];
  /** Which action runs it. */
  readonly action: number;
  /** How long its code is, in nodes. */
  size: number;
}

/** A function has the code of about this many nodes: engines take longer than twice as long for twice as much. */
const NODES_PER_FUNCTION = 400;

/** The actions of a program, one after the other. */
export class ProgramActions {
  readonly #memory: ProgramMemory;
  readonly #threading: Threading;
  readonly #actions: ((base: number) => void)[] = [];
  /** What other threads know its modules by. */
  readonly #threadIds: number[] = [];

  constructor(steps: readonly Step[], memory: ProgramMemory, threading: Threading) {
    this.#memory = memory;
    this.#threading = threading;
    try {
      const segments = this.#findSegments(steps);
      if (segments.length > 0) this.#emitModule(segments, threadPool.isAvailable ? threading.count : 1);
    } catch (error) {
      this.release();
      throw error;
    }
  }

  /** How many threads the actions run in. */
  get threads(): number {
    return this.#threadIds.length > 0 ? this.#threading.count : 1;
  }

  run(base: number): void {
    for (const action of this.#actions) action(base);
  }

  release(): void {
    for (const id of this.#threadIds.splice(0)) threadPool.remove(id);
  }

  /** Makes the actions of kernels, and collects what becomes functions. */
  #findSegments(steps: readonly Step[]): Segment[] {
    const segments: Segment[] = [];
    let open: Segment | undefined;
    steps.forEach((step, i) => {
      const scratch = this.#memory.plan.scratch[i]!;
      if ("link" in step.code) {
        this.#actions.push(step.code.link(this.#memory, scratch));
        open = undefined;
        return;
      }
      for (const { calls, size } of partsOf(step.code, step.group.nodes.length)) {
        if (open === undefined || open.size + size > NODES_PER_FUNCTION) {
          open = { parts: [], action: this.#actions.length, size: 0 };
          segments.push(open);
          this.#actions.push(() => {});
        }
        open.parts.push({ calls, scratch });
        open.size += size;
      }
    });
    return segments;
  }

  /** Makes a module of the segments and the actions that run them. */
  #emitModule(segments: readonly Segment[], threads: number): void {
    const barrier = threads > 1 ? emitBarrier(threads, threadPool.wait) : null;
    const shared = new Set(threads > 1 ? segments.filter(({ parts }) => this.#paysToShare(parts)) : []);
    const place = this.#memory.locate.bind(this.#memory);
    const exports: Record<string, WasmFunction> = {};
    segments.forEach((segment, s) => {
      exports[`run${s}`] = emitStepFunction(
        segment.parts,
        place,
        threads,
        shared.has(segment) ? barrier : null,
      );
    });
    const memory = importMemory({ min: 1, max: 65535, shared: true }, sharedMemory());
    const { toBytes, importMap } = Module({ exports, memory });
    const module = new WebAssembly.Module(toBytes());
    const instance = new WebAssembly.Instance(module, importMap);
    const id = shared.size > 0 ? threadPool.add({ module, ...threadImports(importMap[""]) }) : 0;
    if (id > 0) this.#threadIds.push(id);
    segments.forEach((segment, s) => {
      const run = instance.exports[`run${s}`] as (base: number, thread?: number) => void;
      this.#actions[segment.action] = shared.has(segment)
        ? (base) => this.#runShared(segments, segment.action, id, s, base, run)
        : run;
    });
  }

  /** Runs a segment in several threads; in this one, for good, if no other can be started. */
  #runShared(
    segments: readonly Segment[],
    action: number,
    id: number,
    number: number,
    base: number,
    run: (base: number, thread: number) => void,
  ): void {
    try {
      threadPool.run(id, this.#threading.count, number, base, () => run(base, 0));
    } catch (error) {
      if (!(error instanceof NoThreads)) throw error;
      threadPool.remove(id);
      this.#threadIds.splice(this.#threadIds.indexOf(id), 1);
      this.#emitModule(segments, 1);
      this.#actions[action]!(base);
    }
  }

  /** Whether the divided steps of a segment take long enough to wake the other threads. */
  #paysToShare(parts: readonly StepCalls[]): boolean {
    let work = 0;
    for (const { calls } of parts) for (const call of calls) if (call.isParallel) work += call.work;
    return work > 0 && work >= TOGETHER * this.#threading.leastWork;
  }
}

/** The calls of a step in parts that each go into one function: what moves very many blocks is a call for each. */
function partsOf(calls: readonly Call[], size: number): { calls: StepCalls["calls"]; size: number }[] {
  if (calls.length <= NODES_PER_FUNCTION) return [{ calls, size: Math.max(size, calls.length) }];
  return Array.from({ length: Math.ceil(calls.length / NODES_PER_FUNCTION) }, (_, i) => {
    const part = calls.slice(i * NODES_PER_FUNCTION, (i + 1) * NODES_PER_FUNCTION);
    return { calls: part, size: part.length };
  });
}
