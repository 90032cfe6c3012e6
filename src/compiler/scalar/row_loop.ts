import { allocate } from "../../array/dtype.ts";
import type { Expression } from "../../array/elementwise/expression.ts";
import { NdArray } from "../../array/nd_array.ts";
import { sizeOf } from "../../array/shape.ts";
import { type Graph, type Node, nodesOf } from "../graph/nodes.ts";
import { formulaOf, hasFormula } from "../plan/fusion.ts";
import type { Program } from "../plan/program.ts";
import {
  arrayRoot,
  assemblyPositions,
  elementNode,
  elementRead,
  importedFunction,
  isAssembly,
  type NumberFunction,
} from "./scalar_rows.ts";

/** Operations that the loop knows by number; others are functions from here on. */
const NAMES = [
  ...["add", "sub", "mul", "div", "neg", "abs", "sqrt", "min", "max", "eq", "ne", "lt", "le", "gt", "ge"],
  ...["select", "fround", "copy"],
] as const;
const CODES: ReadonlyMap<string, number> = new Map(NAMES.map((name, code) => [name, code]));

/**
 * Runs a program of single numbers by a loop over its rows: for programs so large that code for each row would
 * take longer to compile than it saves, and not fit the cache.
 */
export function makeRowLoop(graph: Graph): Program {
  const writer = new RowWriter(graph);
  const { codes, operands, functions, start, slots } = writer.finish();
  const values = new Float64Array(slots);
  writer.constants.forEach((slot, value) => values[slot] = Number(value));
  const [first, second, third] = operands;
  return {
    target: "wasm",
    kernels: 1,
    bytes: values.byteLength + codes.byteLength * 13,
    describe: () => ({ groups: `a loop over ${codes.length} rows`, memory: `${values.byteLength} bytes` }),
    release: () => {},
    run(inputs) {
      inputs.forEach((input, i) => {
        const slot = writer.inputSlots[i]!;
        if (typeof input === "number") values[slot] = input;
        else values.set(input.data, slot);
      });
      runRows(codes, first, second, third, functions, values, start);
      return writer.outputs.map(({ shape, dtype, parts }) => {
        if (shape.length === 0) return values[parts[0]!.slot]!;
        const out = allocate(dtype, sizeOf(shape));
        for (const { slot, position, add } of parts) {
          out[position] = add ? out[position]! + values[slot]! : values[slot]!;
        }
        return new NdArray(out, shape);
      });
    },
  };
}

function runRows(
  codes: Uint8Array,
  first: Int32Array,
  second: Int32Array,
  third: Int32Array,
  functions: readonly NumberFunction[],
  v: Float64Array,
  start: number,
): void {
  for (let i = 0, to = start; i < codes.length; i++, to++) {
    const x = v[first[i]!]!;
    const y = v[second[i]!]!;
    switch (codes[i]) {
      case 0:
        v[to] = x + y;
        break;
      case 1:
        v[to] = x - y;
        break;
      case 2:
        v[to] = x * y;
        break;
      case 3:
        v[to] = x / y;
        break;
      case 4:
        v[to] = -x;
        break;
      case 5:
        v[to] = Math.abs(x);
        break;
      case 6:
        v[to] = Math.sqrt(x);
        break;
      case 7:
        v[to] = Math.min(x, y);
        break;
      case 8:
        v[to] = Math.max(x, y);
        break;
      case 9:
        v[to] = x === y ? 1 : 0;
        break;
      case 10:
        v[to] = x !== y ? 1 : 0;
        break;
      case 11:
        v[to] = x < y ? 1 : 0;
        break;
      case 12:
        v[to] = x <= y ? 1 : 0;
        break;
      case 13:
        v[to] = x > y ? 1 : 0;
        break;
      case 14:
        v[to] = x >= y ? 1 : 0;
        break;
      case 15:
        v[to] = x !== 0 ? y : v[third[i]!]!;
        break;
      case 16:
        v[to] = Math.fround(x);
        break;
      case 17:
        v[to] = x;
        break;
      default:
        v[to] = functions[codes[i]! - NAMES.length]!(x, y);
    }
  }
}

/** What a constant is known by: a Map takes 0 and -0 for one. */
function constantKey(value: number): number | "-0" {
  return Object.is(value, -0) ? "-0" : value;
}

/** A result: the slots of its elements and where they go, or are added up. */
interface Output {
  readonly shape: readonly number[];
  readonly dtype: "float64" | "float32";
  readonly parts: readonly { readonly slot: number; readonly position: number; readonly add: boolean }[];
}

/** Turns rows into numbered instructions, each writing the slot after that of the one before. */
class RowWriter {
  readonly inputSlots: number[] = [];
  readonly constants = new Map<number | "-0", number>();
  readonly outputs: Output[] = [];
  readonly #codes: number[] = [];
  readonly #operands: [number[], number[], number[]] = [[], [], []];
  readonly #functions: NumberFunction[] = [];
  readonly #functionNames: string[] = [];
  readonly #slots = new Map<Node, number>();
  /** Instructions write the slots from here on; constants follow the inputs. */
  readonly #start: number;

  constructor(graph: Graph) {
    let size = 0;
    for (const input of graph.inputs) {
      this.inputSlots.push(size);
      this.#slots.set(input, size);
      size += sizeOf(input.shape);
    }
    const nodes = nodesOf(graph).filter((node) => sizeOf(node.shape) === 1 && hasFormula(node));
    const formulas = nodes.map((node) => formulaOf(node)!);
    const constant = (value: number): void => {
      if (!this.constants.has(constantKey(value))) this.constants.set(constantKey(value), size++);
    };
    const visit = (e: Expression): void =>
      e.operation === "number" ? constant(e.value) : e.operands.forEach(visit);
    formulas.forEach(visit);
    for (const node of nodesOf(graph)) {
      if (typeof node.value === "number") constant(node.value);
      else node.value?.data.forEach(constant);
    }
    this.#start = size;
    nodes.forEach((node, i) => {
      let slot = this.#write(formulas[i]!, node, new Map());
      if (node.dtype === "float32") slot = this.#add("fround", [slot]);
      this.#slots.set(node, slot);
    });
    for (const output of graph.outputs) this.outputs.push(this.#output(output));
  }

  finish(): {
    codes: Uint8Array;
    operands: readonly [Int32Array, Int32Array, Int32Array];
    functions: readonly NumberFunction[];
    start: number;
    slots: number;
  } {
    const [first, second, third] = this.#operands;
    return {
      codes: Uint8Array.from(this.#codes),
      operands: [Int32Array.from(first), Int32Array.from(second), Int32Array.from(third)],
      functions: this.#functions,
      start: this.#start,
      slots: this.#start + this.#codes.length,
    };
  }

  #output(node: Node): Output {
    const { shape, dtype } = node;
    const root = arrayRoot(node);
    if (isAssembly(root)) {
      const positions = assemblyPositions(root);
      const parts = root.operands.map((part, i) => ({
        slot: this.#slotOf(part),
        position: positions[i]!,
        add: true,
      }));
      return { shape, dtype, parts };
    }
    const parts = sizeOf(shape) === 1 ? [{ slot: this.#slotOf(node), position: 0, add: false }] : Array.from(
      { length: sizeOf(shape) },
      (_, i) => ({ slot: this.#slotOf(elementNode(root, i)), position: i, add: false }),
    );
    return { shape, dtype, parts };
  }

  /** The slot that holds a node of one element. */
  #slotOf(node: Node): number {
    const read = elementRead(node);
    const source = arrayRoot(read?.array ?? node);
    const position = read?.position ?? 0;
    if (source.value !== null) {
      const value = typeof source.value === "number" ? source.value : source.value.data[position]!;
      return this.constants.get(constantKey(value))!;
    }
    return this.#slots.get(source)! + position;
  }

  #write(e: Expression, node: Node, known: Map<Expression, number>): number {
    if (e.operation === "number") return this.constants.get(constantKey(e.value))!;
    if (e.operation === "input") return this.#slotOf(node.operands[e.value]!);
    let slot = known.get(e);
    if (slot === undefined) {
      slot = this.#add(e.operation, e.operands.map((o) => this.#write(o, node, known)));
      known.set(e, slot);
    }
    return slot;
  }

  #add(name: string, operands: readonly number[]): number {
    let code = CODES.get(name);
    if (code === undefined) {
      let at = this.#functionNames.indexOf(name);
      if (at < 0) {
        at = this.#functionNames.push(name) - 1;
        this.#functions.push(importedFunction(name)!);
      }
      code = NAMES.length + at;
    }
    this.#codes.push(code);
    for (let k = 0; k < 3; k++) this.#operands[k]!.push(operands[k] ?? operands[0]!);
    return this.#start + this.#codes.length - 1;
  }
}
