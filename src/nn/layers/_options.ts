import { describeValue } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import {
  checkOptions,
  type Complete,
  type Defaults,
  isList,
  readAxes,
  readOptions,
} from "../../_internal/readers/mod.ts";
import type { Shape } from "../../array/shape.ts";
import type { Pair } from "../../variable/mod.ts";
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
 * Checks options that every layer has, where a function takes no others.
 *
 * @throws {TypeError} If they are no plain object, or one is unknown
 */
export function checkLayerOptions(kind: string, options: unknown, others: readonly string[] = []): void {
  checkOptions(kind, options, [...others, "name", "trainable", "inputShape"]);
}

/**
 * Reads a count that a layer is made with.
 *
 * @throws {RangeError} If it is no integer from 1 up
 */
export function readCount(kind: string, name: string, value: unknown, least = 1): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= least) return value;
  throw cannotMake(kind, message`${name} is ${describeValue(value)}, use an integer from ${least} up`);
}

/**
 * Reads one count for both axes of images, or one for each.
 *
 * @throws {RangeError} If one is no integer from `least` up
 */
export function readCounts(kind: string, name: string, value: Pair, least = 1): [number, number] {
  if (!isList(value)) return [readCount(kind, name, value, least), readCount(kind, name, value, least)];
  const list = Array.from(value, (each) => readCount(kind, name, each, least));
  const [height, width] = list;
  if (height !== undefined && width !== undefined && list.length === 2) return [height, width];
  throw cannotMake(kind, message`${name} is ${list}, use one number or two`);
}

/**
 * Reads one of several texts that a layer is made with.
 *
 * @throws {RangeError} If it is another
 */
export function readName<const C extends string>(
  kind: string,
  name: string,
  value: unknown,
  choices: readonly C[],
): C {
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  throw cannotMake(
    kind,
    message`${name} is ${describeValue(value)}, use ${choices.map((each) => `"${each}"`).join(", ")}`,
  );
}

/** The error for an option that no layer of a kind can be made with. */
export function cannotMake(kind: string, reason: string): RangeError {
  return new RangeError(message`Cannot make ${article(kind)} ${kind} layer: ${reason}`);
}

/** What padding of images and sequences is called. */
export const PADDINGS = ["valid", "same"] as const;

/**
 * Checks the number of axes of a batch.
 *
 * @param axes What its axes after the batch are, such as `"[height, width, channels]"`
 * @throws {TypeError} If it has another number
 */
export function checkRank(kind: string, shape: Shape, rank: number, axes: string): void {
  if (shape.length === rank) return;
  throw new TypeError(
    message`Cannot apply ${article(kind)} ${kind} layer to examples of shape ${
      shape.slice(1)
    }: expected ${axes}`,
  );
}

/**
 * Reads axes of a batch `[batch, ...]` along which a layer works, ascending.
 *
 * @throws {TypeError} If there are none
 * @throws {RangeError} If one is the batch, or is not there
 */
export function readFeatureAxes(kind: string, axis: unknown, rank: number): [number, ...number[]] {
  const [first, ...others] = readAxes(`${article(kind)} ${kind} layer`, axis, rank);
  if (first === undefined) {
    throw new TypeError(message`Cannot apply ${article(kind)} ${kind} layer: there is no axis, name one`);
  }
  if (first !== 0) return [first, ...others];
  throw new RangeError(
    message`Cannot apply ${article(kind)} ${kind} layer: axis 0 is the batch, name others`,
  );
}

/** The article before the name of a kind. */
export function article(kind: string): string {
  return /^([aeiou]|lstm)/.test(kind) ? "an" : "a";
}
