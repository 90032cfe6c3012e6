import { NdArray } from "./nd_array.ts";

/** NdArray without its constructor, which would give each array a field for its elements. */
export const EmptyArray: new () => Omit<
  NdArray,
  "data" | "shape" | "dtype" | "size" | "keep" | "resolve"
> = function () {} as never;
EmptyArray.prototype = NdArray.prototype;
