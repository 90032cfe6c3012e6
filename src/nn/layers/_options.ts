import { message } from "../../_internal/message.ts";
import { type Complete, type Defaults, readOptions } from "../../_internal/readers/mod.ts";
import type { Shape } from "../../array/shape.ts";
import type { LayerOptions } from "../core/layer.ts";

/** A kind's own options. */
type Own<O> = Omit<O, keyof LayerOptions>;

/**
 * Reads the options of a layer, with the defaults where one is left out; those that every layer has are left to
 * {@linkcode Layer}.
 *
 * @throws {TypeError} If one is unknown
 */
export function readLayerOptions<O extends LayerOptions, const D extends Defaults<Own<O>>>(
  kind: string,
  options: O,
  defaults: D,
): Complete<Own<O>, D> {
  const all = { name: undefined, trainable: undefined, inputShape: undefined, ...defaults };
  return readOptions<object, typeof all>(kind, options, all) as unknown as Complete<Own<O>, D>;
}

/**
 * Reads a count that a layer is made with.
 *
 * @throws {RangeError} If it is no integer from 1 up
 */
export function readCount(kind: string, name: string, value: unknown): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 1) return value;
  throw new RangeError(
    message`Cannot make ${/^[aeiou]/.test(kind) ? "an" : "a"} ${kind} layer: ${name} is ${
      String(value)
    }, use an integer from 1 up`,
  );
}

/**
 * Checks the number of axes of a batch.
 *
 * @param axes What its axes after the batch are, such as `"[height, width, channels]"`
 * @throws {TypeError} If it has another number
 */
export function checkRank(kind: string, shape: Shape, rank: number, axes: string): void {
  if (shape.length === rank) return;
  throw new TypeError(
    message`Cannot apply a ${kind} layer to examples of shape ${shape.slice(1)}: expected ${axes}`,
  );
}
