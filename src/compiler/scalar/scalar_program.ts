import { allocate } from "../../array/dtype.ts";
import { NdArray } from "../../array/nd_array.ts";
import { type Shape, sizeOf } from "../../array/shape.ts";
import { operation as op } from "../../primitives/mod.ts";
import { type Graph, type Node, nodesOf } from "../graph/nodes.ts";
import type { Value } from "../../array/value.ts";
import { inWorkspace, releaseWorkspace, reserveWorkspace, sharedMemory } from "../wasm/linear_memory.ts";
import { formulaOf, hasFormula } from "../plan/fusion.ts";
import type { Program } from "../plan/program.ts";
import {
  arrayRoot,
  assemblyPositions,
  elementNode,
  elementRead,
  importArity,
  importedFunction,
  isAssembly,
  stepsOf,
} from "./scalar_rows.ts";
import {
  call,
  f32,
  f64,
  func,
  i32,
  importFunc,
  importMemory,
  type Local,
  local,
  Module,
  newLocal,
  type WasmFunction,
  type WrittenModule,
} from "../wasm/writer.ts";

/** One function has about this many rows: few enough for the engine to keep their values in registers. */
const ROWS_PER_FUNCTION = 400;

/** Writes straight-line WebAssembly for a program of single numbers. */
export function emitScalarProgram(graph: Graph): Program {
  const emitter = new Emitter(graph);
  const memory = sharedMemory();
  const { module, functions } = emitter.emit(memory);
  const instance = new WebAssembly.Instance(new WebAssembly.Module(module.toBytes()), module.importMap);
  const run = instance.exports.run as (address: number) => void;
  const { inputs: inputPlaces, outputs: outputPlaces, size } = emitter.layout;
  let view = new Float64Array(memory.buffer);
  let isReleased = false;
  const runAt = (address: number, inputs: readonly Value[]): Value[] => {
    if (view.buffer !== memory.buffer) view = new Float64Array(memory.buffer);
    const base = address / 8;
    for (let i = 0; i < inputs.length; i++) {
      const input = inputs[i]!;
      if (typeof input === "number") view[base + inputPlaces[i]!] = input;
      else view.set(input.data, base + inputPlaces[i]!);
    }
    for (const { place, shape, clear } of outputPlaces) {
      if (clear) view.fill(0, base + place, base + place + sizeOf(shape));
    }
    run(address);
    return outputPlaces.map(({ place, shape, dtype }) => {
      if (shape.length === 0) return view[base + place]!;
      const out = allocate(dtype, sizeOf(shape));
      out.set(view.subarray(base + place, base + place + out.length));
      return new NdArray(out, shape);
    });
  };
  reserveWorkspace(size * 8);
  return {
    target: "wasm",
    kernels: functions,
    bytes: size * 8,
    describe: () => ({
      groups: `${functions} functions of at most ${ROWS_PER_FUNCTION} rows, straight-line`,
      memory: `${size * 8} bytes`,
    }),
    release() {
      if (!isReleased) releaseWorkspace(size * 8);
      isReleased = true;
    },
    run: (inputs) => inWorkspace(size * 8, (address) => runAt(address, inputs)),
  };
}

/** Where inputs and results stand, in elements from the address. */
interface Layout {
  readonly inputs: number[];
  readonly outputs: {
    readonly place: number;
    readonly shape: Shape;
    readonly dtype: "float64" | "float32";
    readonly clear: boolean;
  }[];
  size: number;
}

class Emitter {
  readonly #graph: Graph;
  readonly #nodes: Node[];
  readonly layout: Layout = { inputs: [], outputs: [], size: 0 };
  /** The place of each input, array constant and value that outlives its function. */
  readonly #places = new Map<Node, number>();
  readonly #imports = new Map<string, WasmFunction>();
  /** How often each value is read by the rows of each function. */
  readonly #chunkOf = new Map<Node, number>();
  readonly #uses = new Map<Node, number>();
  readonly #outlives = new Set<Node>();

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#nodes = nodesOf(graph).filter((node) => sizeOf(node.shape) === 1 && hasFormula(node));
    for (const input of graph.inputs) {
      this.layout.inputs.push(this.layout.size);
      this.#places.set(input, this.layout.size);
      this.layout.size += sizeOf(input.shape);
    }
  }

  emit(memory: WebAssembly.Memory): { module: WrittenModule; functions: number } {
    this.#nodes.forEach((node, i) => this.#chunkOf.set(node, Math.floor(i / ROWS_PER_FUNCTION)));
    for (const node of this.#nodes) this.#countUses(node);
    const finals = this.#placeOutputs();
    const chunks: Node[][] = [];
    this.#nodes.forEach((node, i) => (chunks[Math.floor(i / ROWS_PER_FUNCTION)] ??= []).push(node));
    const bodies = chunks.map((nodes, chunk) => this.#emitChunk(nodes, chunk, []));
    bodies.push(this.#emitChunk([], chunks.length, finals));
    const run = func({ in: [i32], out: [] }, ([address]) => bodies.forEach((body) => call(body, [address])));
    const module = Module({
      exports: { run },
      memory: importMemory({ min: 1, max: 65535, shared: true }, memory),
    });
    return { module, functions: bodies.length };
  }

  /** The value a node stands for, apart from reshapes. */
  #source(node: Node): Node {
    if (node.operation !== op.reshape && node.operation !== op.slice) return node;
    return elementRead(node) === null ? arrayRoot(node) : node;
  }

  #countUses(node: Node): void {
    const chunk = this.#chunkOf.get(node)!;
    stepsOf(formulaOf(node)!).inputs.forEach((count, i) => {
      if (count === 0) return;
      const source = this.#source(node.operands[i]!);
      this.#uses.set(source, (this.#uses.get(source) ?? 0) + count);
      const made = this.#chunkOf.get(source);
      if (made !== undefined && made !== chunk) this.#outlives.add(source);
    });
  }

  /** Gives each result its place; returns what has to be written there at the end. */
  #placeOutputs(): { value: Node; place: number; add: boolean }[] {
    const finals: { value: Node; place: number; add: boolean }[] = [];
    for (const output of this.#graph.outputs) {
      const place = this.layout.size;
      this.layout.size += sizeOf(output.shape);
      const root = arrayRoot(output);
      const many = isAssembly(root);
      this.layout.outputs.push({ place, shape: output.shape, dtype: output.dtype, clear: many });
      if (many) {
        const positions = assemblyPositions(root);
        root.operands.forEach((part, i) =>
          finals.push({ value: this.#source(part), place: place + positions[i]!, add: true })
        );
      } else if (sizeOf(output.shape) === 1) {
        finals.push({ value: this.#source(output), place, add: false });
      } else {
        for (let i = 0; i < sizeOf(output.shape); i++) {
          finals.push({ value: elementNode(root, i), place: place + i, add: false });
        }
      }
    }
    for (const { value } of finals) {
      this.#uses.set(value, (this.#uses.get(value) ?? 0) + 1);
      if (this.#chunkOf.has(value)) this.#outlives.add(value);
    }
    return finals;
  }

  /** The place of an array or of a value that outlives its function; gives it one if it has none. */
  #placeOf(node: Node): number {
    let place = this.#places.get(node);
    if (place === undefined) {
      place = this.layout.size;
      this.#places.set(node, place);
      this.layout.size += sizeOf(node.shape);
    }
    return place;
  }

  /** A function of the address of the values that computes some of them. */
  #emitChunk(
    nodes: readonly Node[],
    chunk: number,
    finals: readonly { value: Node; place: number; add: boolean }[],
  ): WasmFunction {
    return func({ in: [i32], out: [] }, ([address]) => {
      const locals = new Map<Node, Local<"f64">>();
      const keepIn = (node: Node): Local<"f64"> => {
        const own = newLocal(f64);
        locals.set(node, own);
        return own;
      };
      const load = (place: number): void => void f64.load({ offset: 8 * place }, address);
      const emitValue = (node: Node): void => {
        const held = locals.get(node);
        if (held !== undefined) return void local.get(held);
        if (typeof node.value === "number") return void f64.const(node.value);
        if (this.#chunkOf.get(node) === chunk) return emitRow(node);
        const read = elementRead(node);
        const constant = (read?.array ?? node).value;
        if (constant !== null && typeof constant !== "number") {
          return void f64.const(constant.data[read?.position ?? 0]!);
        }
        load(read === null ? this.#placeOf(node) : this.#placeOf(arrayRoot(read.array)) + read.position);
        if ((this.#uses.get(node) ?? 0) > 1) local.tee(keepIn(node));
      };
      const emitRow = (node: Node): void => this.#emitFormula(node, emitValue);
      for (const node of nodes) {
        const uses = this.#uses.get(node) ?? 0;
        const outlives = this.#outlives.has(node);
        if (!outlives && uses <= 1) continue;
        if (outlives) local.get(address);
        emitRow(node);
        if (uses > 1 || !outlives) {
          if (outlives) local.tee(keepIn(node));
          else local.set(keepIn(node));
        }
        if (outlives) f64.store({ offset: 8 * this.#placeOf(node) });
      }
      for (const { value, place, add } of finals) {
        local.get(address);
        if (add) load(place);
        emitValue(value);
        if (add) f64.add();
        f64.store({ offset: 8 * place });
      }
    });
  }

  /** Leaves the value of a row on the stack, by what leaves its operands there. */
  #emitFormula(node: Node, emitOperand: (operand: Node) => void): void {
    let kept: Local<"f64">[] | undefined;
    for (const step of stepsOf(formulaOf(node)!).steps) {
      if (step.kind === "input") emitOperand(this.#source(node.operands[step.index]!));
      else if (step.kind === "instruction") step.write();
      else if (step.kind === "number") f64.const(step.value);
      else if (step.kind === "call") call(this.#importOf(step.name));
      else if (step.kind === "recall") local.get(kept![step.part]!);
      else local.tee((kept ??= [])[step.part] = newLocal(f64));
    }
    if (node.dtype === "float32") {
      f32.demote_f64();
      f64.promote_f32();
    }
  }

  #importOf(name: string): WasmFunction {
    let imported = this.#imports.get(name);
    if (imported === undefined) {
      const parameters = new Array<typeof f64>(importArity(name)).fill(f64);
      imported = importFunc({ in: parameters, out: [f64] }, importedFunction(name)!);
      this.#imports.set(name, imported);
    }
    return imported;
  }
}
