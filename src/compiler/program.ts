import { allocate } from "../array/dtype.ts";
import type { Value } from "../array/elementwise.ts";
import { NdArray } from "../array/nd_array.ts";
import { sizeOf } from "../array/shape.ts";
import { emitClear, emitCopy, movementOf } from "./emit_copy.ts";
import { emitLoop, loadsFirst, sumsBytes } from "./emit_loop.ts";
import { type Graph, liveNodes, type Node } from "./graph.ts";
import { canLoop } from "./loop_body.ts";
import { planLoop } from "./loop_plan.ts";
import { allocateBlock, paddedSize, releaseBlock, scratchBlock, sharedMemory } from "./memory.ts";
import { bytesOf, isView, type MemoryPlan, planMemory, type PlannedStep, storageOf } from "./memory_plan.ts";
import { fuse, type Group, isReduction, readersOf } from "./passes/fusion.ts";
import { Resident, residentOf } from "./resident.ts";
import { kernelStep, type StepContext } from "./steps.ts";
import { call, func, i32, importMemory, Module, relaxedSimd, type WasmFunction } from "./wasm.ts";
import type { Local } from "./wasm.ts";

/** A program that works on the linear memory. */
export interface Program {
  run(inputs: readonly Value[]): Value[];
  readonly kernels: number;
  readonly bytes: number;
  /** The groups and the memory plan as text. */
  describe(): { groups: string; memory: string };
  release(): void;
}

/** An address passed to a function: a value, some bytes into it, or room to work in. */
type Argument = { readonly node: Node; readonly offset: number } | { readonly room: number };

/** A call of a function of addresses. */
interface Call {
  readonly code: WasmFunction;
  readonly arguments: readonly Argument[];
}

/** One step: calls in WebAssembly, or something that is called from here. */
interface Step extends PlannedStep {
  readonly group: Group;
  readonly calls: readonly Call[] | null;
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
export function emitProgram(graph: Graph, donations: Donations = new Map()): Program {
  const readers = readersOf(graph);
  const outputs = new Set(graph.outputs.map((node) => storageOf(node).root));
  for (const output of graph.outputs) outputs.add(output);
  const groups = fuse(graph, canLoop).filter((group) => !(group.domain === null && isView(group.nodes[0]!)));
  const steps = groups.map((group) => makeStep(group, readers, outputs));
  const constants = liveNodes(graph.outputs).filter((node) => node.value !== null);
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
  return new LinearProgram(graph, steps, plan, fixed, lasting);
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

function makeStep(
  group: Group,
  readers: ReadonlyMap<Node, readonly Node[]>,
  outputs: ReadonlySet<Node>,
): Step {
  const inside = new Set(group.nodes);
  const isNeeded = (node: Node): boolean =>
    outputs.has(node) || (readers.get(node) ?? []).some((reader) => !inside.has(reader) || isReduction(node));
  if (group.domain === null) return singleStep(group);
  const plan = planLoop(group, isNeeded);
  const { code, parameters } = emitLoop(plan, relaxedSimd());
  let room = 0;
  const addresses = parameters.map(({ role, node }): Argument => {
    if (role !== "sums") return { node, offset: 0 };
    const start = room;
    room += paddedSize(sumsBytes(plan, plan.reductions.find((r) => r.node === node)!));
    return { room: start };
  });
  const flat = loadsFirst(plan) && plan.lengths.length === 1 && plan.reductions.every((r) => r.direct);
  const whole = plan.sources.filter(({ strides, node }) => strides[0] === 1 && !isView(node));
  return {
    group,
    calls: [{ code, arguments: addresses }],
    reads: plan.sources.map(({ node }) => node),
    writes: [...plan.stores, ...plan.reductions.map(({ node }) => node)],
    scratch: room,
    inPlace: flat ? whole.map(({ node }) => node) : [],
  };
}

/** The step of a node that is no loop: elements that are moved, or a kernel. */
function singleStep(group: Group): Step {
  const node = group.nodes[0]!;
  const step = { group, reads: node.operands, writes: [node], inPlace: [] };
  const movement = sizeOf(node.shape) === 0 ? null : movementOf(node);
  if (movement === null) return { ...step, calls: null, scratch: kernelStep(node).scratch };
  const element = node.dtype === "float64" ? 8 : 4;
  const calls = movement.copies.filter((copy) => sizeOf(copy.lengths) > 0).map((copy): Call => ({
    code: emitCopy(copy, node.dtype),
    arguments: [
      { node: node.operands[copy.operand]!, offset: copy.fromOffset * element },
      { node, offset: copy.toOffset * element },
    ],
  }));
  if (movement.clear) calls.unshift({ code: emitClear(bytesOf(node)), arguments: [{ node, offset: 0 }] });
  return { ...step, calls, scratch: 0 };
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

class LinearProgram implements Program {
  readonly #graph: Graph;
  readonly #steps: readonly Step[];
  readonly #plan: MemoryPlan;
  readonly #fixed: ReadonlyMap<Node, number>;
  /** Inputs that last from run to run, by their number, and the results that take their place, by theirs. */
  readonly #lasting: ReadonlyMap<number, Lasting>;
  readonly #handed: ReadonlyMap<number, Lasting>;
  readonly #actions: ((base: number) => void)[] = [];
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
  ) {
    this.#graph = graph;
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
    this.#link();
  }

  run(inputs: readonly Value[]): Value[] {
    const base = scratchBlock(this.#plan.bytes);
    const { buffer } = sharedMemory();
    if (this.#wide.buffer !== buffer) {
      this.#wide = new Float64Array(buffer);
      this.#narrow = new Float32Array(buffer);
    }
    const nodes = this.#graph.inputs;
    for (let i = 0; i < nodes.length; i++) {
      const node = nodes[i]!;
      const value = inputs[i]!;
      if (this.#takeOver(i, value)) continue;
      const at = this.#fixed.get(node) ?? base + this.#plan.offsets.get(node)!;
      if (node.dtype === "float64") {
        if (typeof value === "number") this.#wide[at / 8] = value;
        else this.#wide.set(value.data, at / 8);
      } else if (typeof value === "number") this.#narrow[at / 4] = value;
      else this.#narrow.set(value.data, at / 4);
    }
    for (const action of this.#actions) action(base);
    return this.#graph.outputs.map((node, i) => {
      const lasting = this.#handed.get(i);
      return lasting === undefined ? this.#read(node, base) : this.#handOut(node, lasting, base);
    });
  }

  /** Whether a lasting input is in its place already; saves what else is still read from there. */
  #takeOver(input: number, value: Value): boolean {
    const lasting = this.#lasting.get(input);
    if (lasting === undefined) return false;
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
  #read(node: Node, base: number): Value {
    if (node.value !== null) return node.value;
    const at = this.#addressOf(node, base);
    const wide = node.dtype === "float64";
    if (node.shape.length === 0) return wide ? this.#wide[at / 8]! : this.#narrow[at / 4]!;
    const size = sizeOf(node.shape);
    const out = allocate(node.dtype, size);
    if (wide) out.set(this.#wide.subarray(at / 8, at / 8 + size));
    else out.set(this.#narrow.subarray(at / 4, at / 4 + size));
    return new NdArray(out, node.shape);
  }

  #addressOf(node: Node, base: number): number {
    const { root, offset } = storageOf(node);
    const fixed = this.#fixed.get(root);
    return (fixed ?? base + this.#plan.offsets.get(root)!) + offset;
  }

  /** Makes the actions of the steps: runs of loops become one function of the module. */
  #link(): void {
    const segments: { steps: number[]; action: number }[] = [];
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
      if (open !== undefined && open.action === this.#actions.length - 1 && open.steps.at(-1) === i - 1) {
        open.steps.push(i);
      } else {
        segments.push({ steps: [i], action: this.#actions.length });
        this.#actions.push(() => {});
      }
    });
    if (segments.length === 0) return;
    const exports: Record<string, WasmFunction> = {};
    segments.forEach(({ steps }, s) => exports[`run${s}`] = this.#segment(steps));
    const memory = importMemory({ min: 1, max: 65535, shared: true }, sharedMemory());
    const module = Module({ exports: exports as never, memory });
    const bytes = module.toBytes();
    const instance = new WebAssembly.Instance(
      new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>),
      module.importMap as WebAssembly.Imports,
    );
    segments.forEach(({ action }, s) => {
      this.#actions[action] = instance.exports[`run${s}`] as (base: number) => void;
    });
  }

  /** A function that calls loops with the addresses of their values. */
  #segment(steps: readonly number[]): WasmFunction {
    return func({ in: [i32], out: [] }, ([base]) => {
      for (const i of steps) {
        for (const { code, arguments: addresses } of this.#steps[i]!.calls!) {
          for (const address of addresses) this.#emitAddress(address, base, this.#plan.scratch[i]!);
          call(code as never);
        }
      }
    }) as unknown as WasmFunction;
  }

  /** Leaves an address on the stack. */
  #emitAddress(argument: Argument, base: Local<"i32">, scratch: number): void {
    if ("room" in argument) {
      i32.add(base, scratch + argument.room);
      return;
    }
    const { root, offset } = storageOf(argument.node);
    const fixed = this.#fixed.get(root);
    if (fixed !== undefined) i32.const(fixed + offset + argument.offset);
    else i32.add(base, this.#plan.offsets.get(root)! + offset + argument.offset);
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
    for (const { handedOut } of this.#lasting.values()) handedOut?.deref()?.settle();
    this.#released = true;
    for (const [node, address] of this.#fixed) releaseBlock(address, bytesOf(node));
  }
}
