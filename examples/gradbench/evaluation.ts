import type { NdArray } from "../../mod.ts";

/** What a run gives; written as JSON after the clock has stopped. */
export type Output =
  | number
  | Float64Array
  | Float32Array
  | Int32Array
  | NdArray
  | readonly Output[]
  | { readonly [key: string]: Output };

/** Reads an input, outside the clock, and gives what the clock measures. */
export type Prepare = (input: unknown) => () => Output;

/** The functions of one eval, by name. */
export type Evaluation = { readonly [name: string]: Prepare };
