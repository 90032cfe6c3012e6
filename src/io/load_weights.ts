import { readBytes } from "../_internal/files.ts";
import { message } from "../_internal/message.ts";
import { sameShape, type Shape } from "../array/shape.ts";
import type { NdArray } from "../array/nd_array.ts";
import { parseHeader, readTensor, type TensorEntry } from "../formats/mod.ts";
import { Model } from "../nn/mod.ts";

/** Which weights were found. */
export interface WeightsReport {
  /** The paths of weights that were replaced. */
  readonly loaded: readonly string[];
  /** Weights of the model that the file does not have; they stay as they were. */
  readonly missing: readonly string[];
  /** Tensors of the file that the model has no weight for. */
  readonly unexpected: readonly string[];
  /** Weights of another shape in the file; they stay as they were. */
  readonly mismatched: readonly { readonly path: string; readonly expected: Shape; readonly found: Shape }[];
}

/** Where a model's file keeps weights, and what of its training is left out. */
const PREFIX = /^(parameters|state)\//;
const TRAINING = /^(optimizer|training)\//;

/**
 * Reads weights by name into any model: from a file that `model.save` wrote, or a safetensors file of which the tensors
 * are named as the model's weights. Reading a file needs read permission.
 *
 * @param model A model that is built
 * @param source A path, or the bytes
 * @returns What was loaded and what was not: weights that are missing or of another shape stay as they were
 * @throws {Deno.errors.NotFound} If there is no such file
 * @throws {SyntaxError} If the bytes are no safetensors file
 * @throws {TypeError} If the model has no weights yet
 *
 * @example
 * ```ts
 * import { loadWeights } from "@tapegrad/tapegrad/io";
 * import { dense, sequential } from "@tapegrad/tapegrad/nn";
 *
 * const make = (units: number) => sequential([dense({ units: 4, name: "base" }), dense({ units, name: "head" })]).build([3]);
 * const { loaded, mismatched } = await loadWeights(make(5), make(2).toBytes());
 * console.log(loaded, mismatched.map(({ path }) => path));
 * // ["base/kernel", "base/bias"] ["head/kernel", "head/bias"]
 * ```
 */
export async function loadWeights<I, O>(
  model: Model<I, O>,
  source: string | URL | Uint8Array,
): Promise<WeightsReport> {
  if (!(model instanceof Model)) {
    throw new TypeError(message`Cannot load weights into ${model}: pass a model`);
  }
  const isBytes = source instanceof Uint8Array;
  const bytes = isBytes ? source : await readBytes(source);
  const { entries } = parseHeader(bytes, isBytes ? "the bytes of weights" : String(source));
  const found = new Map<string, TensorEntry>();
  for (const entry of entries) {
    if (!TRAINING.test(entry.name)) found.set(entry.name.replace(PREFIX, ""), entry);
  }
  const values: Record<string, NdArray> = {};
  const missing: string[] = [];
  const mismatched: { path: string; expected: Shape; found: Shape }[] = [];
  const weights = model.getWeights();
  for (const [path, { shape }] of Object.entries(weights)) {
    const entry = found.get(path);
    if (entry === undefined) missing.push(path);
    else if (sameShape(entry.shape, shape)) values[path] = readTensor(entry);
    else mismatched.push({ path, expected: shape, found: entry.shape });
  }
  model.setWeights(values);
  const unexpected = [...found.keys()].filter((path) => !Object.hasOwn(weights, path));
  return { loaded: Object.keys(values), missing, unexpected, mismatched };
}
