/** Places in memory that last from call to call. */
import { EmptyArray } from "../../array/deferred_array.ts";
import { bytesOfElement, type DType, type FloatArray } from "../../array/dtype.ts";
import { NdArray } from "../../array/nd_array.ts";
import { type Shape, sizeOf } from "../../array/shape.ts";
import type { Graph, Node } from "../graph/nodes.ts";
import { isView, storageOf } from "../plan/memory.ts";
import type { ResultUse, SlotUse } from "./program_memory.ts";
import { allocateBlock, bytesOf, releaseBlock, sharedMemory } from "../wasm/linear_memory.ts";

/**
 * An array whose elements stay in the memory of programs until they are read, or until the array is donated to
 * a run that writes the new values in their place.
 */
export class ResidentArray extends EmptyArray {
  /** The place its elements stand in while {@linkcode DonatedSlot.holder} is this array. */
  readonly slot: DonatedSlot;
  readonly shape: Shape;
  /** Whether somebody beside the caller of the program holds on to the array. */
  isKept = false;
  #copy: FloatArray | null = null;

  /** @internal Use {@linkcode DonatedSlot.handOut}. */
  constructor(slot: DonatedSlot) {
    super();
    this.slot = slot;
    this.shape = slot.shape;
  }

  /** The elements; copied out of the memory when they are first asked for. */
  get data(): FloatArray {
    this.copyOut();
    if (this.#copy !== null) return this.#copy;
    throw new TypeError(
      "Cannot read this array: it was donated to a call of a compiled function, which put its result in the same " +
        "memory; read it before the call, or compile without donate",
    );
  }

  get dtype(): DType {
    return this.slot.dtype;
  }

  get size(): number {
    return this.slot.size;
  }

  /** Whether the elements are in the memory only. */
  get isInMemory(): boolean {
    return this.slot.holder === this && this.#copy === null;
  }

  /** Whether the elements have been copied out. */
  get isCopied(): boolean {
    return this.#copy !== null;
  }

  /** Has the elements stay readable when the array is donated. */
  keep(): this {
    this.isKept = true;
    return this;
  }

  /** @internal An array of its own, that what `structuredClone` makes of it is one, too. */
  resolve(): NdArray {
    return new NdArray(this.data, this.shape);
  }

  /** Copies the elements out, before their place is written to. */
  copyOut(): void {
    if (this.isInMemory) this.#copy = this.slot.view().slice();
  }
}

/**
 * A place in the memory for a donated argument: the argument stands here, and then the result that follows it.
 * Programs may share one. What was handed out last is held by a plain reference, so that it is known who may
 * still read the place; a weak one would keep every array of a loop alive until the loop ends.
 */
export class DonatedSlot {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly size: number;
  readonly bytes: number;
  readonly address: number;
  /** The array whose elements stand here and may still be read. */
  holder: ResidentArray | null = null;
  /** How many programs write here. */
  #users = 1;
  #view: FloatArray | undefined;

  /** @throws {RangeError} If there is no memory left */
  constructor(shape: Shape, dtype: DType) {
    this.shape = shape;
    this.dtype = dtype;
    this.size = sizeOf(shape);
    this.bytes = this.size * bytesOfElement(dtype);
    this.address = allocateBlock(this.bytes);
  }

  /** The elements, where they stand. */
  view(): FloatArray {
    const { buffer } = sharedMemory();
    if (this.#view?.buffer !== buffer) {
      this.#view = this.dtype === "float64"
        ? new Float64Array(buffer, this.address, this.size)
        : new Float32Array(buffer, this.address, this.size);
    }
    return this.#view;
  }

  /** An array of what stands here now. */
  handOut(): ResidentArray {
    return this.holder = new ResidentArray(this);
  }

  /** Takes the elements from the array that was handed out, which can't be read any more unless it is kept. */
  takeOver(): void {
    if (this.holder?.isKept) this.holder.copyOut();
    this.holder = null;
  }

  /** Saves what may still be read, before the place is written to. */
  vacate(): void {
    this.holder?.copyOut();
    this.holder = null;
  }

  /** Counts one more program that writes here. */
  share(): this {
    this.#users++;
    return this;
  }

  /** Counts one program less; gives the memory back with the last. */
  release(): boolean {
    if (--this.#users > 0) return false;
    this.vacate();
    releaseBlock(this.address, this.bytes);
    return true;
  }
}

/** After so many runs whose result no other program took, results are copied out at once. */
const MOST_UNUSED = 4;
/** But for one in so many, to see whether that has changed. */
const TRY_AGAIN = 16;

/**
 * A place in the memory for a large result that follows no argument: it stands here until it is read or the program that
 * computes it runs again. That pays only where other programs take it from here.
 */
export class ResultSlot extends DonatedSlot {
  #unused = 0;
  #isUsed = false;

  /** Whether results are left here. */
  get keeps(): boolean {
    return this.#unused < MOST_UNUSED || this.#unused % TRY_AGAIN === 0;
  }

  /** Notes that another program has taken the result from here. */
  use(): void {
    this.#isUsed = true;
  }

  /** Saves what may still be read, before the next result is written. */
  renew(): void {
    this.#unused = this.#isUsed ? 0 : this.#unused + 1;
    this.#isUsed = false;
    this.vacate();
  }
}

/** The slots that the programs of one compiled function share, by a name for each leaf of its donated arguments. */
export class DonatedSlots {
  readonly #slots = new Map<string, DonatedSlot>();

  /** The slot for a leaf, made when it is first asked for; whoever asks releases it. */
  take(leaf: string, shape: Shape, dtype: DType): DonatedSlot {
    const key = `${leaf} ${dtype} ${shape.join("x")}`;
    const known = this.#slots.get(key);
    if (known !== undefined) return known.share();
    const made = new DonatedSlot(shape, dtype);
    this.#slots.set(key, made);
    return made;
  }

  /** Gives a slot back that {@linkcode take} gave. */
  release(slot: DonatedSlot): void {
    if (!slot.release()) return;
    for (const [key, known] of this.#slots) if (known === slot) this.#slots.delete(key);
  }
}

/** What takes fewer bytes is copied in and out: that costs less than looking after it. */
const LARGE = 1 << 16;
/** Bytes that all programs together may have for it. */
const MOST_BYTES = 1 << 28;

let taken = 0;

/** The room that one program has taken. */
export class OwnRoom {
  /** How much it is. */
  bytes = 0;
  readonly #slots: ResultSlot[] = [];

  /**
   * Makes places for the large results that a program computes: there they stay until they are read.
   *
   * @param uses The results that have a place already
   * @throws {RangeError} If there is no memory left
   */
  placeResults({ outputs }: Graph, uses: readonly SlotUse[]): ResultUse[] {
    const placed = new Set<Node>(uses.map(({ output }) => storageOf(outputs[output]!).root));
    const results: ResultUse[] = [];
    outputs.forEach((node, output) => {
      const { root } = storageOf(node);
      if (root.operation === null || placed.has(root)) return;
      if (isView(node) && bytesOf(root) !== bytesOf(node) || !this.#take(bytesOf(node))) return;
      placed.add(root);
      const slot = new ResultSlot(node.shape, node.dtype);
      this.#slots.push(slot);
      results.push({ output, slot });
    });
    return results;
  }

  /**
   * The large inputs that are to be read where they stand, with room of their own for when they stand elsewhere.
   *
   * @param uses The inputs that have a place already
   * @param resident Those that are known to stand in the memory
   */
  findInputs({ inputs }: Graph, uses: readonly SlotUse[], resident: ReadonlySet<number>): number[] {
    const others = new Set([...resident, ...uses.map(({ input }) => input)]);
    return [...inputs.keys()].filter((i) => !others.has(i) && this.#take(bytesOf(inputs[i]!)));
  }

  #take(bytes: number): boolean {
    if (bytes < LARGE || taken + bytes > MOST_BYTES) return false;
    taken += bytes;
    this.bytes += bytes;
    return true;
  }

  /** Gives all of it back. */
  release(): void {
    for (const slot of this.#slots.splice(0)) slot.release();
    taken -= this.bytes;
    this.bytes = 0;
  }
}
