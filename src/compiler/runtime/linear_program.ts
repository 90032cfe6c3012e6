import { allocate } from "../../array/dtype.ts";
import type { Value } from "../../array/value.ts";
import { NdArray } from "../../array/nd_array.ts";
import { sizeOf } from "../../array/shape.ts";
import { LEAST_WORK, TOGETHER } from "../plan/division.ts";
import { type Graph, type Node, nodesOf } from "../graph/nodes.ts";
import { makeStep, type Step, type Threading } from "../emit/lower_group.ts";
import { canLoop } from "../emit/loop_body.ts";
import { allocateBlock, releaseBlock, scratchBlock, sharedMemory } from "../plan/sizes.ts";
import { bytesOf, isView, type MemoryPlan, planMemory, storageOf } from "../plan/memory.ts";
import { fuse, readersOf } from "../plan/fusion.ts";
import { Resident, residentOf } from "./residents.ts";
import { emitBarrier, emitSegment } from "../emit/step_function.ts";
import { kernelStep, type StepContext } from "./kernel_steps.ts";
import { threadImports } from "./thread_imports.ts";
import { threadPool } from "./threads.ts";
import { importMemory, Module, type WasmFunction } from "../wasm/writer.ts";

/** A program that works on the linear memory. */
export interface Program {
  run(inputs: readonly Value[]): Value[];
  readonly kernels: number;
  readonly bytes: number;
  /** How many threads it runs in, if more than one. */
  readonly threads?: number;
  /** The groups and the memory plan as text. */
  describe(): { groups: string; memory: string };
  release(): void;
}

/** Which result takes the place of which input: its number for the input's. */
export type Donations = ReadonlyMap<number, number>;

/** An input whose memory lasts from run to run, and the result that takes its place. */
interface Lasting {
  readonly input: number;
  readonly output: number;
  readonly address: number;
  /** What was handed out last. */
  handedOut: WeakRef<Resident> | null;
}

/** Fuses, plans and emits a program. */
export function emitProgram(
  graph: Graph,
  donations: Donations = new Map(),
  threading: Threading = { count: 1, leastWork: LEAST_WORK },
): Program {
  const readers = readersOf(graph);
  const outputs = new Set(graph.outputs.map((node) => storageOf(node).root));
  for (const output of graph.outputs) outputs.add(output);
  const groups = fuse(graph, canLoop).filter((group) => !(group.domain === null && isView(group.nodes[0]!)));
  const steps = groups.map((group) => makeStep(group, readers, outputs, threading));
  const constants = nodesOf(graph).filter((node) => node.value !== null);
  const fixed = new Map<Node, number>();
  for (const node of constants) fixed.set(node, allocateBlock(bytesOf(node)));
  const lasting = usableDonations(graph, donations).map(([input, output]): Lasting => {
    const address = allocateBlock(bytesOf(graph.inputs[input]!));
    fixed.set(graph.inputs[input]!, address);
    return { input, output, address, handedOut: null };
  });
  const successors = new Map(lasting.map((l) => [graph.outputs[l.output]!, graph.inputs[l.input]!]));
  const plan = planMemory(steps, graph.inputs, graph.outputs, (node) => fixed.has(node), successors);
  for (const node of plan.settled) fixed.set(node, fixed.get(successors.get(node)!)!);
  writeConstants(constants, fixed);
  return new LinearProgram(graph, steps, plan, fixed, lasting, threading);
}

/** Donations of results that are computed: not those that turned out to be an input, or the same as another. */
function usableDonations(graph: Graph, donations: Donations): [input: number, output: number][] {
  const seen = new Set<Node>();
  return [...donations].filter(([, output]) => {
    const { root } = storageOf(graph.outputs[output]!);
    if (root.operation === null || seen.has(root)) return false;
    seen.add(root);
    return true;
  });
}

function writeConstants(constants: readonly Node[], fixed: ReadonlyMap<Node, number>): void {
  const { buffer } = sharedMemory();
  for (const node of constants) {
    const value = node.value!;
    const data = typeof value === "number" ? [value] : value.data;
    viewOf(buffer, node, fixed.get(node)!).set(data);
  }
}

function viewOf(buffer: ArrayBufferLike, node: Node, address: number): Float64Array | Float32Array {
  const size = sizeOf(node.shape);
  return node.dtype === "float64"
    ? new Float64Array(buffer, address, size)
    : new Float32Array(buffer, address, size);
}

/** Where an input or a result stands. */
interface Place {
  readonly node: Node;
  readonly isWide: boolean;
  /** Whether `start` is an address, else it counts from the program's memory. */
  readonly isFixed: boolean;
  readonly start: number;
  /** The bytes of one element. */
  readonly bytes: number;
  /** The number of elements. */
  readonly size: number;
}

/** Fewer elements than this are copied faster one by one. */
const FEW = 48;

function put(view: Float64Array | Float32Array, at: number, value: Value): void {
  if (typeof value === "number") {
    view[at] = value;
    return;
  }
  const { data } = value;
  if (data.length < FEW) { for (let i = 0; i < data.length; i++) view[at + i] = data[i]!; }
  else view.set(data, at);
}

/** Steps that follow one another and become one function. */
interface Segment {
  readonly steps: number[];
  /** Which action runs it. */
  readonly action: number;
  /** How many nodes it has. */
  size: number;
}

/** The package that writes modules can write no longer ones: it puts all bytes of one on the stack. */
const NODES_PER_MODULE = 400;

class LinearProgram implements Program {
  readonly #graph: Graph;
  readonly #steps: readonly Step[];
  readonly #plan: MemoryPlan;
  readonly #fixed: ReadonlyMap<Node, number>;
  readonly #inputPlaces: readonly Place[];
  readonly #outputPlaces: readonly Place[];
  /** Inputs that last from run to run, by their number, and the results that take their place, by theirs. */
  readonly #lasting: ReadonlyMap<number, Lasting>;
  readonly #handed: ReadonlyMap<number, Lasting>;
  readonly #actions: ((base: number) => void)[] = [];
  readonly #threading: Threading;
  /** The number that other threads know it by; 0 if it has no use for them. */
  /** What other threads know its modules by. */
  readonly #threadIds: number[] = [];
  readonly kernels: number;
  readonly bytes: number;
  #wide: Float64Array;
  #narrow: Float32Array;
  #released = false;

  constructor(
    graph: Graph,
    steps: readonly Step[],
    plan: MemoryPlan,
    fixed: ReadonlyMap<Node, number>,
    lasting: readonly Lasting[],
    threading: Threading,
  ) {
    this.#graph = graph;
    this.#threading = threading;
    this.#lasting = new Map(lasting.map((l) => [l.input, l]));
    this.#handed = new Map(lasting.map((l) => [l.output, l]));
    this.#steps = steps;
    this.#plan = plan;
    this.#fixed = fixed;
    this.kernels = steps.length;
    this.bytes = plan.bytes;
    const { buffer } = sharedMemory();
    this.#wide = new Float64Array(buffer);
    this.#narrow = new Float32Array(buffer);
    this.#inputPlaces = graph.inputs.map((node) => this.#placeOf(node));
    this.#outputPlaces = graph.outputs.map((node) => this.#placeOf(node));
    this.#link();
  }

  run(inputs: readonly Value[]): Value[] {
    const base = scratchBlock(this.#plan.bytes);
    const { buffer } = sharedMemory();
    if (this.#wide.buffer !== buffer) {
      this.#wide = new Float64Array(buffer);
      this.#narrow = new Float32Array(buffer);
    }
    for (let i = 0; i < this.#inputPlaces.length; i++) {
      if (!this.#lasting.has(i)) this.#putIn(i, inputs[i]!, base);
    }
    // What may be donated comes last: the same array may have been read for another input.
    for (const i of this.#lasting.keys()) {
      if (!this.#takeOver(i, inputs[i]!)) this.#putIn(i, inputs[i]!, base);
    }
    for (const action of this.#actions) action(base);
    const { outputs } = this.#graph;
    const results = new Array<Value>(outputs.length);
    for (let i = 0; i < outputs.length; i++) {
      if (!this.#handed.has(i)) results[i] = this.#read(this.#outputPlaces[i]!, base);
    }
    // What stays here is put into its place last, as other results may still be read from there.
    for (const [i, lasting] of this.#handed) results[i] = this.#handOut(outputs[i]!, lasting, base);
    return results;
  }

  /** Copies an input into its place. */
  #putIn(i: number, value: Value, base: number): void {
    const { isWide, isFixed, start, bytes } = this.#inputPlaces[i]!;
    const at = (isFixed ? start : base + start) / bytes;
    if (isWide) put(this.#wide, at, value);
    else put(this.#narrow, at, value);
  }

  /** Whether a lasting input is in its place already; saves what else is still read from there. */
  #takeOver(input: number, value: Value): boolean {
    const lasting = this.#lasting.get(input)!;
    const before = lasting.handedOut?.deref();
    const given = typeof value === "number" ? undefined : residentOf(value);
    const isInPlace = before !== undefined && given === before && before.isInMemory;
    if (isInPlace) before.donate();
    else before?.settle();
    lasting.handedOut = null;
    return isInPlace;
  }

  /** Leaves a result in the place of the input it follows. */
  #handOut(node: Node, lasting: Lasting, base: number): Value {
    const place = this.#graph.inputs[lasting.input]!;
    const from = this.#addressOf(node, base);
    if (from !== lasting.address) {
      new Uint8Array(sharedMemory().buffer).copyWithin(lasting.address, from, from + bytesOf(node));
    }
    const resident = new Resident(node.shape, node.dtype, () => {
      if (this.#released) throw new TypeError("Cannot read this array: its program was released");
      return viewOf(sharedMemory().buffer, place, lasting.address).slice();
    });
    lasting.handedOut = new WeakRef(resident);
    return resident.array;
  }

  /** Copies a result out of the memory. */
  #read(place: Place, base: number): Value {
    const { node, isWide, isFixed, start, bytes, size } = place;
    if (node.value !== null) return node.value;
    const at = (isFixed ? start : base + start) / bytes;
    const from = isWide ? this.#wide : this.#narrow;
    if (node.shape.length === 0) return from[at]!;
    const out = allocate(node.dtype, size);
    if (size < FEW) { for (let i = 0; i < size; i++) out[i] = from[at + i]!; }
    else out.set(from.subarray(at, at + size));
    return new NdArray(out, node.shape);
  }

  #placeOf(node: Node): Place {
    const isWide = node.dtype === "float64";
    const base = { node, isWide, bytes: isWide ? 8 : 4, size: sizeOf(node.shape) };
    if (node.value !== null) return { ...base, isFixed: true, start: 0 };
    const { root, offset } = storageOf(node);
    const fixed = this.#fixed.get(root);
    return fixed === undefined
      ? { ...base, isFixed: false, start: this.#plan.offsets.get(root)! + offset }
      : { ...base, isFixed: true, start: fixed + offset };
  }

  #addressOf(node: Node, base: number): number {
    const { root, offset } = storageOf(node);
    const fixed = this.#fixed.get(root);
    return (fixed ?? base + this.#plan.offsets.get(root)!) + offset;
  }

  get threads(): number {
    return this.#threadIds.length > 0 ? this.#threading.count : 1;
  }

  /** Makes the actions of the steps: runs of loops become one function of the module. */
  #link(): void {
    const segments: Segment[] = [];
    const context: StepContext = {
      addressOf: (node, base) => this.#addressOf(node, base),
      viewOf: (node, base) => viewOf(sharedMemory().buffer, node, this.#addressOf(node, base)),
    };
    this.#steps.forEach((step, i) => {
      if (step.calls === null) {
        this.#actions.push(kernelStep(step.group.nodes[0]!).link(context, this.#plan.scratch[i]!));
        return;
      }
      const open = segments.at(-1);
      const size = step.group.nodes.length;
      const follows = open?.action === this.#actions.length - 1 && open.steps.at(-1) === i - 1;
      if (open !== undefined && follows && open.size + size <= NODES_PER_MODULE) {
        open.steps.push(i);
        open.size += size;
      } else {
        segments.push({ steps: [i], action: this.#actions.length, size });
        this.#actions.push(() => {});
      }
    });
    let start = 0;
    while (start < segments.length) {
      let end = start + 1;
      let size = segments[start]!.size;
      while (end < segments.length && size + segments[end]!.size <= NODES_PER_MODULE) {
        size += segments[end++]!.size;
      }
      this.#emitModule(segments.slice(start, end));
      start = end;
    }
  }

  /** Makes a module of some segments and the actions that run them. */
  #emitModule(segments: readonly Segment[]): void {
    const { count } = this.#threading;
    const barrier = count > 1 ? emitBarrier(count, threadPool.wait) : null;
    const shared = new Set(segments.filter(({ steps }) => this.#paysToShare(steps)));
    const exports: Record<string, WasmFunction> = {};
    segments.forEach((segment, s) => {
      exports[`run${s}`] = this.#segment(segment.steps, shared.has(segment) ? barrier : null);
    });
    const memory = importMemory({ min: 1, max: 65535, shared: true }, sharedMemory());
    const emitted = Module({ exports: exports as never, memory });
    const module = new WebAssembly.Module(emitted.toBytes() as Uint8Array<ArrayBuffer>);
    const imports = emitted.importMap as Record<"", WebAssembly.ModuleImports>;
    const instance = new WebAssembly.Instance(module, imports);
    const id = shared.size > 0 ? threadPool.add({ module, ...threadImports(imports[""]) }) : 0;
    if (id > 0) this.#threadIds.push(id);
    segments.forEach((segment, s) => {
      const run = instance.exports[`run${s}`] as (base: number, thread?: number) => void;
      this.#actions[segment.action] = shared.has(segment)
        ? (base) => threadPool.run(id, count, s, base, () => run(base, 0))
        : run;
    });
  }

  /** Whether the divided steps of a segment take long enough to wake the other threads. */
  #paysToShare(steps: readonly number[]): boolean {
    let work = 0;
    for (const i of steps) {
      for (const call of this.#steps[i]!.calls!) if (call.isParallel) work += call.work;
    }
    return work > 0 && work >= TOGETHER * this.#threading.leastWork;
  }

  /** A function that calls loops with the addresses of their values. */
  #segment(steps: readonly number[], barrier: WasmFunction | null): WasmFunction {
    const parts = steps.map((i) => ({ calls: this.#steps[i]!.calls!, scratch: this.#plan.scratch[i]! }));
    const place = (node: Node): { isFixed: boolean; start: number } => {
      const { root, offset } = storageOf(node);
      const fixed = this.#fixed.get(root);
      return fixed === undefined
        ? { isFixed: false, start: this.#plan.offsets.get(root)! + offset }
        : { isFixed: true, start: fixed + offset };
    };
    return emitSegment(parts, place, this.#threading.count, barrier);
  }

  describe(): { groups: string; memory: string } {
    const lines = this.#steps.map((step, i) => {
      const names = step.group.nodes.map((node) => node.operation!.name).join(" ");
      const { domain } = step.group;
      return `${i}: ${domain === null ? "kernel" : `loop over [${domain.join(", ")}]`}: ${names}`;
    });
    const places = this.#steps.flatMap((step, i) =>
      step.writes.map((node) =>
        `${i}: ${node.operation!.name} [${node.shape.join(", ")}] ${bytesOf(node)} bytes at ${
          this.#plan.offsets.get(node)
        }`
      )
    );
    return {
      groups: lines.join("\n"),
      memory: [...places, `${this.#plan.bytes} bytes, ${this.#plan.unsharedBytes} without sharing`].join(
        "\n",
      ),
    };
  }

  release(): void {
    if (this.#released) return;
    for (const id of this.#threadIds) threadPool.remove(id);
    for (const { handedOut } of this.#lasting.values()) handedOut?.deref()?.settle();
    this.#released = true;
    const blocks = new Map([...this.#fixed].map(([node, address]) => [address, bytesOf(node)]));
    for (const [address, bytes] of blocks) releaseBlock(address, bytes);
  }
}
