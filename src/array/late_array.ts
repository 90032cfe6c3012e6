import { allocate, type DType, type FloatArray } from "./dtype.ts";
import { EmptyArray } from "./empty_array.ts";
import { NdArray } from "./nd_array.ts";
import { type Shape, sizeOf } from "./shape.ts";

/**
 * An array whose elements are written when they are wanted, and where: a program takes them straight into its
 * memory, so that nothing is copied twice. Whoever reads `data` gets a buffer that is filled once.
 */
export abstract class LateArray extends EmptyArray {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly size: number;
  #data: FloatArray | undefined;

  constructor(shape: Shape, dtype: DType) {
    super();
    this.shape = shape;
    this.dtype = dtype;
    this.size = sizeOf(shape);
  }

  /** Writes all elements to a buffer of the dtype, from a position on. */
  abstract writeTo(target: FloatArray, at: number): void;

  get data(): FloatArray {
    if (this.#data === undefined) {
      const data = allocate(this.dtype, this.size);
      this.writeTo(data, 0);
      this.#data = data;
    }
    return this.#data;
  }

  /** The same with its elements, as an array of its own. */
  resolve(): NdArray {
    return new NdArray(this.data, this.shape);
  }

  /** It stays readable as it is. */
  keep(): this {
    return this;
  }
}
