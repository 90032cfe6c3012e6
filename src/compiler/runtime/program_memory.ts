/** Where the values of a program stand in the memory, and how they get there and back. */
import { allocate, bytesOfElement, type FloatArray } from "../../array/dtype.ts";
import type { Value } from "../../array/value.ts";
import { LateArray } from "../../array/deferred_array.ts";
import { NdArray } from "../../array/nd_array.ts";
import { sizeOf } from "../../array/shape.ts";
import type { Location } from "../emit/step_function.ts";
import { type Graph, type Node, nodesOf } from "../graph/nodes.ts";
import { type MemoryPlan, planMemory, type PlannedStep, storageOf } from "../plan/memory.ts";
import {
  allocateBlock,
  bytesOf,
  LAYOUT,
  releaseBlock,
  releaseWorkspace,
  reserveWorkspace,
  sharedMemory,
} from "../wasm/linear_memory.ts";
import { type DonatedSlot, ResidentArray, ResultSlot } from "./donated_slots.ts";

/** A donated input, the result that takes its place, and the place. */
export interface SlotUse {
  readonly input: number;
  readonly output: number;
  readonly slot: DonatedSlot;
}

/** A result that stays where the program writes it, until it is read or written anew. */
export interface ResultUse {
  readonly output: number;
  readonly slot: ResultSlot;
}

/** An input that is read where it stands, if it stands in the memory already. */
interface Pointer {
  /** The address of the word that holds its address. */
  readonly word: number;
  /** Where it is put if it stands outside; 0 before that is needed. */
  own: number;
}

/** A value as the elements of the memory in its type. */
interface Place extends Location {
  readonly isWide: boolean;
  readonly size: number;
  readonly isScalar: boolean;
  /** The value of a constant. */
  readonly value: Value | null;
}

/** Fewer elements than this are copied faster one by one. */
const FEW = 48;

/** The places of a program's values: constants and donated inputs stay, all others last for one run. */
export class ProgramMemory {
  readonly slots: readonly SlotUse[];
  readonly results: readonly ResultUse[];
  readonly plan: MemoryPlan;
  readonly #graph: Graph;
  readonly #fixed = new Map<Node, number>();
  readonly #pointers = new Map<number, Pointer>();
  readonly #blocks: { readonly start: number; readonly bytes: number }[] = [];
  /** The places that a run writes to: those of donated inputs, and all. */
  readonly #donated: ReadonlySet<DonatedSlot>;
  readonly #own: ReadonlySet<DonatedSlot>;
  readonly #inputs: readonly Place[];
  readonly #outputs: readonly Place[];
  #wide: Float64Array = new Float64Array(0);
  #narrow: Float32Array = new Float32Array(0);
  #words: Int32Array = new Int32Array(0);

  /**
   * @param resident Inputs that are read where they stand
   * @throws {RangeError} If there is not that much memory
   */
  constructor(
    graph: Graph,
    steps: readonly PlannedStep[],
    slots: readonly SlotUse[],
    results: readonly ResultUse[],
    resident: ReadonlySet<number>,
  ) {
    this.#graph = graph;
    this.slots = slots;
    this.results = results;
    this.#donated = new Set(slots.map(({ slot }) => slot));
    this.#own = new Set([...slots, ...results].map(({ slot }) => slot));
    const { inputs, outputs } = graph;
    for (const { input, slot } of slots) this.#fixed.set(inputs[input]!, slot.address);
    for (const { output, slot } of results) this.#fixed.set(storageOf(outputs[output]!).root, slot.address);
    const constants = nodesOf(graph).filter((node) => node.value !== null);
    const pointers = [...resident].filter((i) => !this.#fixed.has(inputs[i]!) && bytesOf(inputs[i]!) > 0);
    const stays = new Set([...this.#fixed.keys(), ...constants, ...pointers.map((i) => inputs[i]!)]);
    const successors = new Map(slots.map((use) => [outputs[use.output]!, inputs[use.input]!]));
    this.plan = planMemory(steps, inputs, outputs, (node) => stays.has(node), LAYOUT, successors);
    reserveWorkspace(this.plan.bytes);
    try {
      for (const node of constants) this.#fixed.set(node, this.#allocate(bytesOf(node)));
      const words = pointers.length > 0 ? this.#allocate(4 * pointers.length) : 0;
      pointers.forEach((input, i) => this.#pointers.set(input, { word: words + 4 * i, own: 0 }));
    } catch (error) {
      this.release();
      throw error;
    }
    for (const node of this.plan.writtenInPlace) {
      this.#fixed.set(node, this.#fixed.get(successors.get(node)!)!);
    }
    for (const node of constants) this.#writeConstant(node);
    this.#inputs = inputs.map((node) => this.#placeOf(node));
    this.#outputs = outputs.map((node) => this.#placeOf(node));
  }

  #allocate(bytes: number): number {
    const start = allocateBlock(bytes);
    this.#blocks.push({ start, bytes });
    return start;
  }

  #writeConstant(node: Node): void {
    const data = typeof node.value === "number" ? [node.value] : node.value!.data;
    this.viewOf(node, 0).set(data);
  }

  /** Where a node's value is. */
  locate(node: Node): Location {
    const { root, offset: elements } = storageOf(node);
    const offset = elements * bytesOfElement(root.dtype);
    const fixed = this.#fixed.get(root);
    if (fixed !== undefined) return { from: "memory", start: fixed, offset };
    const pointer = root.input >= 0 ? this.#pointers.get(root.input) : undefined;
    return pointer !== undefined
      ? { from: "pointer", start: pointer.word, offset }
      : { from: "workspace", start: this.plan.offsets.get(root)!, offset };
  }

  /** Where a node's value stands when the workspace begins at `base`. */
  addressOf(node: Node, base: number): number {
    return this.#address(this.locate(node), base);
  }

  #address({ from, start, offset }: Location, base: number): number {
    if (from === "memory") return start + offset;
    return (from === "workspace" ? base + start : this.#words[start / 4]!) + offset;
  }

  /** A node's value, as a view of the memory. */
  viewOf(node: Node, base: number): FloatArray {
    const { buffer } = sharedMemory();
    const size = sizeOf(node.shape);
    return node.dtype === "float64"
      ? new Float64Array(buffer, this.addressOf(node, base), size)
      : new Float32Array(buffer, this.addressOf(node, base), size);
  }

  #placeOf(node: Node): Place {
    const location = node.value === null
      ? this.locate(node)
      : { from: "memory", start: 0, offset: 0 } as const;
    const isScalar = node.shape.length === 0;
    return {
      ...location,
      isWide: node.dtype === "float64",
      size: sizeOf(node.shape),
      isScalar,
      value: node.value,
    };
  }

  /** Makes the views anew after the memory has grown. */
  refresh(): void {
    const { buffer } = sharedMemory();
    if (this.#wide.buffer === buffer) return;
    this.#wide = new Float64Array(buffer);
    this.#narrow = new Float32Array(buffer);
    this.#words = new Int32Array(buffer);
  }

  /** Puts an input where the program reads it. */
  putIn(input: number, value: Value, base: number): void {
    const pointer = this.#pointers.get(input);
    if (pointer !== undefined && this.#stands(pointer, input, value)) return;
    const place = this.#inputs[input]!;
    const at = this.#address(place, base);
    if (place.isWide) write(this.#wide, at / 8, value);
    else write(this.#narrow, at / 4, value);
  }

  /** Has a resident input read from an address. */
  pointTo(input: number, address: number): void {
    const pointer = this.#pointers.get(input);
    if (pointer !== undefined) this.#words[pointer.word / 4] = address;
  }

  /** Points to the place of an input; whether its value stands there already. */
  #stands(pointer: Pointer, input: number, value: Value): boolean {
    // What is overwritten meanwhile has to be copied.
    if (value instanceof ResidentArray && value.isInMemory && !this.#own.has(value.slot)) {
      this.#words[pointer.word / 4] = value.slot.address;
      if (value.slot instanceof ResultSlot) value.slot.use();
      return true;
    }
    if (pointer.own === 0) {
      pointer.own = this.#allocate(bytesOf(this.#graph.inputs[input]!));
      this.refresh();
    }
    this.#words[pointer.word / 4] = pointer.own;
    return false;
  }

  /** Copies an array out that stands in a place of this program other than the one it is donated to. */
  saveMisplaced({ slot }: SlotUse, value: Value): void {
    if (slot.holder !== value && value instanceof ResidentArray && this.#donated.has(value.slot)) {
      value.copyOut();
    }
  }

  /** Copies a result out. */
  read(output: number, base: number): Value {
    const place = this.#outputs[output]!;
    const { isWide, size, isScalar, value } = place;
    if (value !== null) return value;
    const at = this.#address(place, base) / (isWide ? 8 : 4);
    const from = isWide ? this.#wide : this.#narrow;
    if (isScalar) return from[at]!;
    const out = allocate(isWide ? "float64" : "float32", size);
    if (size < FEW) { for (let i = 0; i < size; i++) out[i] = from[at + i]!; }
    else out.set(from.subarray(at, at + size));
    return new NdArray(out, this.#graph.outputs[output]!.shape);
  }

  /** Moves a result to the place of the input it follows, if it is not there already. */
  moveToSlot({ output, slot }: SlotUse, base: number): void {
    const place = this.#outputs[output]!;
    const from = this.#address(place, base);
    if (from === slot.address) return;
    const at = place.isWide ? from / 8 : from / 4;
    const elements = place.isWide ? this.#wide : this.#narrow;
    elements.copyWithin(slot.address / (place.isWide ? 8 : 4), at, at + place.size);
  }

  /** Gives back all but the slots. */
  release(): void {
    releaseWorkspace(this.plan.bytes);
    for (const { start, bytes } of this.#blocks) releaseBlock(start, bytes);
  }
}

function write(view: FloatArray, at: number, value: Value): void {
  if (typeof value === "number") {
    view[at] = value;
    return;
  }
  if (value instanceof LateArray) return value.writeTo(view, at);
  const data = value instanceof ResidentArray && value.isInMemory ? value.slot.view() : value.data;
  if (data.length < FEW) { for (let i = 0; i < data.length; i++) view[at + i] = data[i]!; }
  else view.set(data, at);
}
