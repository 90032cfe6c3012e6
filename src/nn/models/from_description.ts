import { describeValue } from "../../_internal/format.ts";
import { isNode, isPlainObject } from "../../_internal/containers.ts";
import { message } from "../../_internal/message.ts";
import type { DType } from "../../array/dtype.ts";
import type { Tree } from "../../variable/mod.ts";
import { optionsFromJson } from "../core/description.ts";
import { type AnyLayer, type Layer, layers as kinds } from "../core/layer.ts";
import type { ExampleShape } from "../core/spec.ts";
import { input, type SymbolicTensor } from "../core/symbol.ts";
import "../layers/mod.ts";
import "../losses/mod.ts";
import "../metrics/mod.ts";
import { Functional } from "./functional.ts";
import { Model } from "./model.ts";
import type { ModelOptions } from "./model_options.ts";
import { Sequential } from "./sequential.ts";

/**
 * Makes a model or layer of the description that its `toJSON()` gave; weights are not part of it. Kinds of layers,
 * losses and functions of one's own have to be defined before. No text of a description is run as code.
 *
 * @param description An object, or its text as JSON
 * @throws {SyntaxError} If a text is no JSON
 * @throws {TypeError} If something is malformed, or layers do not fit together
 * @throws {RangeError} If a kind is unknown, or an option out of range
 *
 * @example
 * ```ts
 * import { dense, fromDescription, sequential } from "@tapegrad/tapegrad/nn";
 *
 * const text = JSON.stringify(sequential([dense({ units: 2, activation: "relu", inputShape: [3] })]));
 * console.log(fromDescription(text).summary().includes("[batch, 2]")); // true
 * ```
 */
export function fromDescription(description: unknown): Model<unknown, unknown> {
  const value: unknown = typeof description === "string" ? JSON.parse(description) : description;
  const made = readLayer(value, "description");
  if (made instanceof Model) return made;
  throw new TypeError(
    message`Cannot read a model: the description is of a ${
      (made as AnyLayer).kind
    } layer, use layerFromDescription()`,
  );
}

/**
 * Makes a layer of the description that its `toJSON()` gave.
 *
 * @throws {TypeError} If something is malformed
 * @throws {RangeError} If a kind is unknown, or an option out of range
 *
 * @example
 * ```ts
 * import { dense, layerFromDescription } from "@tapegrad/tapegrad/nn";
 *
 * console.log(layerFromDescription(dense({ units: 2 }).toJSON()).options); // { units: 2 }
 * ```
 */
export function layerFromDescription(description: unknown): AnyLayer {
  return readLayer(description, "description") as AnyLayer;
}

/** The most layers and calls of one model: more are no model, but an attack. */
const MOST_PARTS = 100_000;

function readLayer(description: unknown, path: string): unknown {
  if (!isPlainObject(description)) throw malformed(path, description, "an object");
  const { kind, options = {}, trainable = true } = description;
  if (typeof kind !== "string") throw malformed(`${path}.kind`, kind, "a text");
  if (!isPlainObject(options)) throw malformed(`${path}.options`, options, "an object");
  if (typeof trainable !== "boolean") throw malformed(`${path}.trainable`, trainable, "true or false");
  const read = optionsFromJson(options, readLayer, `${path}.options`);
  const made = kind === "sequential"
    ? readSequential(description, read, path)
    : kind === "model"
    ? readFunctional(description, read, path)
    : kinds.make(kind, read);
  made.trainable = trainable;
  return made;
}

function readLayers({ layers }: Record<string, unknown>, path: string): AnyLayer[] {
  return readList(layers, `${path}.layers`).map((each, i) =>
    readLayer(each, `${path}.layers[${i}]`) as AnyLayer
  );
}

function readSequential(
  description: Record<string, unknown>,
  options: Record<string, unknown>,
  path: string,
): AnyLayer {
  const layers = readLayers(description, path);
  const order = readList(description["order"] ?? layers.map((_, i) => i), `${path}.order`);
  const stack = order.map((index, i) => at(layers, index, `${path}.order[${i}]`) as unknown as Layer);
  return new Sequential(stack, options as ModelOptions) as unknown as AnyLayer;
}

function readFunctional(
  description: Record<string, unknown>,
  options: Record<string, unknown>,
  path: string,
): AnyLayer {
  const layers = readLayers(description, path);
  const outputs: SymbolicTensor[][] = [];
  const symbols = (tree: unknown, where: string): Tree<SymbolicTensor> => {
    if (isReference(tree)) return at(at(outputs, tree[0], where), tree[1], where);
    if (!isNode(tree)) throw malformed(where, tree, "[node, index], or arrays and objects of these");
    if (Array.isArray(tree)) return tree.map((entry, i) => symbols(entry, `${where}[${i}]`));
    return Object.fromEntries(
      Object.entries(tree).map(([key, entry]) => [key, symbols(entry, `${where}.${key}`)]),
    );
  };
  readList(description["nodes"], `${path}.nodes`).forEach((node, i) => {
    const where = `${path}.nodes[${i}]`;
    if (!isPlainObject(node)) throw malformed(where, node, "an object");
    if (node["shape"] !== undefined) {
      const { shape, name, dtype } = node as { shape: ExampleShape; name?: string; dtype?: DType };
      outputs.push([
        input({ shape, ...name === undefined ? {} : { name }, ...dtype === undefined ? {} : { dtype } }),
      ]);
      return;
    }
    const layer = at(layers, node["layer"], `${where}.layer`) as unknown as Layer<unknown, unknown>;
    const result = layer.apply(symbols(node["inputs"], `${where}.inputs`) as never);
    outputs.push(leavesOf(result as unknown as Tree<SymbolicTensor>));
  });
  const made = new Functional(
    symbols(description["inputs"], `${path}.inputs`),
    symbols(description["outputs"], `${path}.outputs`),
    options as ModelOptions,
  );
  return made as unknown as AnyLayer;
}

function leavesOf(tree: Tree<SymbolicTensor>): SymbolicTensor[] {
  return isNode(tree)
    ? Object.values(tree).flatMap((entry) => leavesOf(entry as Tree<SymbolicTensor>))
    : [tree];
}

/** A symbol in a description: the number of its node, and its number among what that gives. */
function isReference(value: unknown): value is readonly [number, number] {
  return Array.isArray(value) && value.length === 2 && value.every((entry) => typeof entry === "number");
}

function readList(value: unknown, path: string): readonly unknown[] {
  if (Array.isArray(value) && value.length <= MOST_PARTS) return value;
  throw malformed(path, value, `an array of at most ${MOST_PARTS}`);
}

function at<T>(list: readonly T[], index: unknown, path: string): T {
  const found = typeof index === "number" ? list[index] : undefined;
  if (found !== undefined) return found;
  throw malformed(path, index, `a number from 0 to ${list.length - 1}`);
}

function malformed(path: string, value: unknown, expected: string): TypeError {
  return new TypeError(
    message`Cannot read a layer: ${path} is ${describeValue(value)}, expected ${expected}`,
  );
}
