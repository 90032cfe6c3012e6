import { allocate } from "../../array/dtype.ts";
import type { Expression } from "../../array/elementwise/expression.ts";
import { NdArray } from "../../array/nd_array.ts";
import { type Shape, sizeOf } from "../../array/shape.ts";
import { type Graph, type Node, nodesOf } from "../graph/nodes.ts";
import type { Value } from "../../array/value.ts";
import { inWorkspace, releaseWorkspace, reserveWorkspace, sharedMemory } from "../wasm/linear_memory.ts";
import { formulaOf, hasFormula } from "../plan/formula.ts";
import type { Program } from "../plan/program.ts";
import { ByteWriter, OPCODES, type ScalarBody, scalarModule } from "./assembler.ts";
import {
  ARITHMETIC,
  arrayRoot,
  assemblyPositions,
  COMPARISONS,
  elementNode,
  elementRead,
  importArity,
  importedFunction,
  isAssembly,
} from "./scalar_rows.ts";

/** One function has about this many rows: few enough for the engine to keep their values in registers. */
const ROWS_PER_FUNCTION = 400;

/** Writes straight-line WebAssembly for a program of single numbers. */
export function emitScalarProgram(graph: Graph): Program {
  const emitter = new Emitter(graph);
  const { bytes, functions, imports } = emitter.emit();
  const memory = sharedMemory();
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
    env: { memory, ...Object.fromEntries(imports.map((name) => [name, importedFunction(name)!])) },
  });
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
  readonly #formulas = new Map<Node, Expression>();
  readonly #imports: string[] = [];
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

  emit(): { bytes: Uint8Array<ArrayBuffer>; functions: number; imports: readonly string[] } {
    this.#nodes.forEach((node, i) => this.#chunkOf.set(node, Math.floor(i / ROWS_PER_FUNCTION)));
    for (const node of this.#nodes) this.#countUses(node);
    const finals = this.#placeOutputs();
    const chunks: Node[][] = [];
    this.#nodes.forEach((node, i) => (chunks[Math.floor(i / ROWS_PER_FUNCTION)] ??= []).push(node));
    const bodies = chunks.map((nodes, chunk) => this.#emitChunk(nodes, chunk, []));
    bodies.push(this.#emitChunk([], chunks.length, finals));
    const imports = this.#imports.map((name) => ({ name, arity: importArity(name) }));
    return {
      bytes: scalarModule(imports, bodies, { initial: 1, maximum: 65535 }),
      functions: bodies.length,
      imports: this.#imports,
    };
  }

  /** The value a node stands for, apart from reshapes. */
  #source(node: Node): Node {
    return elementRead(node) === null ? arrayRoot(node) : node;
  }

  #countUses(node: Node): void {
    const formula = formulaOf(node)!;
    this.#formulas.set(node, formula);
    const chunk = this.#chunkOf.get(node)!;
    const visit = (e: Expression): void => {
      if (e.operation === "input") {
        const source = this.#source(node.operands[e.value]!);
        this.#uses.set(source, (this.#uses.get(source) ?? 0) + 1);
        const made = this.#chunkOf.get(source);
        if (made !== undefined && made !== chunk) this.#outlives.add(source);
      }
      e.operands.forEach(visit);
    };
    visit(formula);
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

  #emitChunk(
    nodes: readonly Node[],
    chunk: number,
    finals: readonly { value: Node; place: number; add: boolean }[],
  ): ScalarBody {
    const code = new ByteWriter();
    const locals = new Map<Node, number>();
    let localCount = 0;
    const get = (local: number): void => {
      code.byte(OPCODES.localGet);
      code.unsigned(local);
    };
    const newLocal = (): number => ++localCount;
    const access = (opcode: number, place: number): void => {
      code.byte(opcode);
      code.byte(3);
      code.unsigned(place * 8);
    };
    const emitNumber = (value: number): void => {
      code.byte(OPCODES.f64Const);
      code.float64(value);
    };
    const emitValue = (node: Node): void => {
      const local = locals.get(node);
      if (local !== undefined) return get(local);
      if (typeof node.value === "number") return emitNumber(node.value);
      if (this.#chunkOf.get(node) === chunk) return emitRow(node);
      const read = elementRead(node);
      const constant = (read?.array ?? node).value;
      if (constant !== null && typeof constant !== "number") {
        return emitNumber(constant.data[read?.position ?? 0]!);
      }
      get(0);
      if (read !== null) access(OPCODES.f64Load, this.#placeOf(arrayRoot(read.array)) + read.position);
      else access(OPCODES.f64Load, this.#placeOf(node));
      if ((this.#uses.get(node) ?? 0) > 1) {
        const kept = newLocal();
        locals.set(node, kept);
        code.byte(OPCODES.localTee);
        code.unsigned(kept);
      }
    };
    const emitRow = (node: Node): void => {
      const formula = this.#formulas.get(node)!;
      const counts = new Map<Expression, number>();
      const count = (e: Expression): void => {
        counts.set(e, (counts.get(e) ?? 0) + 1);
        if (counts.get(e) === 1) e.operands.forEach(count);
      };
      count(formula);
      const temporaries = new Map<Expression, number>();
      const emit = (e: Expression): void => {
        if (e.operation === "number") return emitNumber(e.value);
        if (e.operation === "input") return emitValue(this.#source(node.operands[e.value]!));
        const known = temporaries.get(e);
        if (known !== undefined) return get(known);
        emitOperation(e);
        if (counts.get(e)! > 1) {
          const kept = newLocal();
          temporaries.set(e, kept);
          code.byte(OPCODES.localTee);
          code.unsigned(kept);
        }
      };
      const emitCondition = (e: Expression): void => {
        const comparison = COMPARISONS[e.operation];
        if (comparison !== undefined) {
          e.operands.forEach(emit);
          code.byte(comparison);
        } else {
          emit(e);
          emitNumber(0);
          code.byte(OPCODES.f64Ne);
        }
      };
      const emitOperation = (e: Expression): void => {
        if (e.operation === "select") {
          emit(e.operands[1]!);
          emit(e.operands[2]!);
          emitCondition(e.operands[0]!);
          code.byte(OPCODES.select);
        } else if (e.operation in COMPARISONS) {
          emitCondition(e);
          code.byte(OPCODES.f64ConvertI32);
        } else {
          e.operands.forEach(emit);
          const instruction = ARITHMETIC[e.operation];
          if (instruction !== undefined) code.byte(instruction);
          else {
            code.byte(OPCODES.call);
            code.unsigned(this.#importOf(e.operation));
          }
        }
      };
      emit(formula);
      if (node.dtype === "float32") {
        code.byte(OPCODES.f32Demote);
        code.byte(OPCODES.f64Promote);
      }
    };
    for (const node of nodes) {
      const uses = this.#uses.get(node) ?? 0;
      const outlives = this.#outlives.has(node);
      if (!outlives && uses <= 1) continue;
      if (outlives) get(0);
      emitRow(node);
      if (uses > 1 || !outlives) {
        const local = newLocal();
        locals.set(node, local);
        code.byte(outlives ? OPCODES.localTee : OPCODES.localSet);
        code.unsigned(local);
      }
      if (outlives) access(OPCODES.f64Store, this.#placeOf(node));
    }
    for (const { value, place, add } of finals) {
      get(0);
      if (add) {
        get(0);
        access(OPCODES.f64Load, place);
        emitValue(value);
        code.byte(OPCODES.f64Add);
      } else emitValue(value);
      access(OPCODES.f64Store, place);
    }
    return { localCount, code: code.finish() };
  }

  #importOf(name: string): number {
    const known = this.#imports.indexOf(name);
    return known >= 0 ? known : this.#imports.push(name) - 1;
  }
}
