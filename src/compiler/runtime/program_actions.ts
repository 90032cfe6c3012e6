/** The steps of a program as what threads run. */
import type { Step } from "../emit/lower_group.ts";
import { type Call, emitBarrier, emitStepFunction, type StepCalls } from "../emit/step_function.ts";
import { kernelSource } from "../kernels/linked_kernels.ts";
import { hostSource } from "../math/host.ts";
import { TOGETHER } from "../plan/division.ts";
import type { Threading } from "../plan/program.ts";
import type { ProgramMemory } from "./program_memory.ts";
import type { ThreadImport, ThreadProgram } from "./thread.ts";
import { threadPool } from "./threads.ts";
import { sharedMemory } from "../wasm/linear_memory.ts";
import { importMemory, Module, type WasmFunction } from "../wasm/writer.ts";

/** How other threads make the imports of a module, and the libraries these come from. */
export function threadImports(imports: WebAssembly.ModuleImports): Omit<ThreadProgram, "module"> {
  const libraries: Record<string, WebAssembly.Module> = {};
  const sources: Record<string, ThreadImport> = {};
  for (const [name, value] of Object.entries(imports)) {
    const kernel = kernelSource(value);
    if (kernel !== undefined) libraries[kernel.key] = kernel.library;
    sources[name] = importSource(value, kernel);
  }
  return { imports: sources, libraries };
}

function importSource(value: WebAssembly.ImportValue, kernel: ReturnType<typeof kernelSource>): ThreadImport {
  if (value instanceof WebAssembly.Memory) return { kind: "memory" };
  if (value === threadPool.wait) return { kind: "wait" };
  if (kernel !== undefined) return { kind: "kernel", library: kernel.key, name: kernel.name };
  const source = hostSource(value);
  return source === undefined ? { kind: "none" } : { kind: "function", source };
}

/** Steps, or parts of steps, that follow one another and become one function. */
interface Segment {
  readonly parts: StepCalls[];
  /** Which action runs it. */
  readonly action: number;
  /** How long its code is, in nodes. */
  size: number;
}

/** A segment as a function of where the memory begins, and of the number of the thread if it is shared. */
type Run = (base: number, thread?: number) => void;

/** A function has the code of about this many nodes: engines take longer than twice as long for twice as much. */
const NODES_PER_FUNCTION = 400;

/** The actions of a program, one after the other. */
export class ProgramActions {
  readonly #memory: ProgramMemory;
  readonly #threading: Threading;
  readonly #actions: ((base: number) => void)[] = [];
  /** What other threads know its modules by. */
  readonly #threadIds: number[] = [];
  /** Whether too few threads were there when they were last needed. */
  #isAlone = false;

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

  /** How many threads the actions ran in, or are to run in. */
  get threads(): number {
    return this.#threadIds.length > 0 && !this.#isAlone ? this.#threading.count : 1;
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
    const shared = new Set(threads > 1 ? segments.filter(({ parts }) => this.#paysToShare(parts)) : []);
    const { module, imports, runs } = this.#link(segments, threads, shared);
    const id = shared.size > 0 ? threadPool.add({ module, ...threadImports(imports) }) : 0;
    if (id > 0) this.#threadIds.push(id);
    let alone: readonly Run[] | undefined;
    segments.forEach((segment, s) => {
      const run = runs[s]!;
      this.#actions[segment.action] = !shared.has(segment) ? run : (base) => {
        this.#isAlone = !threadPool.run(id, this.#threading.count, s, base, () => run(base, 0));
        if (!this.#isAlone) return;
        alone ??= this.#link(segments, 1, new Set()).runs;
        alone[s]!(base);
      };
    });
  }

  /** Makes functions of segments, of which some are shared by threads. */
  #link(
    segments: readonly Segment[],
    threads: number,
    shared: ReadonlySet<Segment>,
  ): { module: WebAssembly.Module; imports: WebAssembly.ModuleImports; runs: readonly Run[] } {
    const barrier = shared.size > 0 ? emitBarrier(threads, threadPool.wait) : null;
    const place = this.#memory.locate.bind(this.#memory);
    const exports: Record<string, WasmFunction> = {};
    segments.forEach((segment, s) => {
      const meets = shared.has(segment) ? barrier : null;
      exports[`run${s}`] = emitStepFunction(segment.parts, place, threads, meets);
    });
    const memory = importMemory({ min: 1, max: 65535, shared: true }, sharedMemory());
    const { toBytes, importMap } = Module({ exports, memory });
    const module = new WebAssembly.Module(toBytes());
    const instance = new WebAssembly.Instance(module, importMap);
    const runs = segments.map((_, s) => instance.exports[`run${s}`] as Run);
    return { module, imports: importMap[""], runs };
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
