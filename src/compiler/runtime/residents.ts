import type { DType, FloatArray } from "../../array/dtype.ts";
import { NdArray } from "../../array/nd_array.ts";
import { type Shape, sizeOf } from "../../array/shape.ts";

/** Where the value of a resident array is now. */
type Place =
  | { readonly kind: "memory"; readonly read: () => FloatArray }
  | { readonly kind: "copied"; readonly data: FloatArray }
  | { readonly kind: "donated" };

/**
 * An array whose elements stay in a program's memory until they are read, or until the array is donated to the
 * program's next run, which writes the new values in their place.
 */
export class Resident {
  readonly array: NdArray;
  #place: Place;

  constructor(shape: Shape, dtype: DType, read: () => FloatArray) {
    this.#place = { kind: "memory", read };
    // An NdArray whose elements are read when they are first asked for.
    this.array = Object.defineProperties(Object.create(NdArray.prototype) as NdArray, {
      data: { get: () => this.#read(), enumerable: true },
      shape: { value: shape, enumerable: true },
      dtype: { value: dtype },
      size: { value: sizeOf(shape) },
    });
    residents.set(this.array, this);
  }

  /** Whether the elements are still in the memory. */
  get isInMemory(): boolean {
    return this.#place.kind === "memory";
  }

  /** Copies the elements out, before their place is written to. */
  settle(): void {
    if (this.#place.kind === "memory") this.#place = { kind: "copied", data: this.#place.read() };
  }

  /** Gives the elements up. */
  donate(): void {
    if (this.#place.kind === "memory") this.#place = { kind: "donated" };
  }

  #read(): FloatArray {
    this.settle();
    if (this.#place.kind === "copied") return this.#place.data;
    throw new TypeError(
      "Cannot read this array: it was donated to a call of a compiled function, which put its result in the same " +
        "memory; read it before the call, or compile without donate",
    );
  }
}

const residents = new WeakMap<NdArray, Resident>();

/** The resident array that stands behind an array, if any. */
export function residentOf(array: NdArray): Resident | undefined {
  return residents.get(array);
}
