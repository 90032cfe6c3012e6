import * as v from "npm:valibot@1.1.0";
import { readBytes } from "../../_internal/files.ts";
import { describeValue } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import type { NdArray } from "../../array/nd_array.ts";
import { sameShape } from "../../array/shape.ts";
import type { Model } from "../../nn/mod.ts";
import type { Variable } from "../../variable/mod.ts";
import { camelCase } from "./layers.ts";
import { readWeights, type WeightSpec } from "./read_weights.ts";
import { check, readTopology, TOPOLOGY } from "./topology.ts";

const LENGTH = v.pipe(v.number(), v.integer(), v.minValue(0));
const WEIGHT = v.looseObject({
  name: v.string(),
  shape: v.array(LENGTH),
  dtype: v.string(),
  quantization: v.optional(
    v.looseObject({ dtype: v.string(), min: v.optional(v.number()), scale: v.optional(v.number()) }),
  ),
});
const MANIFEST = v.array(v.looseObject({ paths: v.array(v.string()), weights: v.array(WEIGHT) }));
const FILE = v.looseObject({
  modelTopology: v.union([v.looseObject({ model_config: TOPOLOGY }), TOPOLOGY]),
  weightsManifest: MANIFEST,
});

/** A layers-model of TensorFlow.js in memory. */
export interface TfjsArtifacts {
  /** What `model.json` holds, as JSON or as its text. */
  readonly modelJson: unknown;
  /** The weights, all files one after the other. */
  readonly weights: Uint8Array | ArrayBuffer;
}

/**
 * Reads a layers-model of TensorFlow.js or of its converter: `model.json`, and the weights beside it, quantized ones too.
 * Layers keep their names. What matters to training alone (initializers, regularizers, constraints, the optimizer) is not
 * read. Graph models, nested models and layers that are not there are refused. Reading files needs read permission.
 *
 * @param source The path of `model.json`, or its content and the weights
 * @returns The model, which predicts as TensorFlow.js does; several inputs or outputs are arrays, in their order
 * @throws {Deno.errors.NotFound} If a file is missing
 * @throws {SyntaxError} If the JSON or the weights are malformed
 * @throws {TypeError} If a layer, an option or a type of numbers is not supported
 *
 * @example
 * ```ts
 * import { loadTfjsModel } from "@tapegrad/tapegrad/io";
 *
 * const layer = { units: 1, use_bias: false, name: "double", batch_input_shape: [null, 1] };
 * const model = await loadTfjsModel({
 *   modelJson: {
 *     modelTopology: { class_name: "Sequential", config: { layers: [{ class_name: "Dense", config: layer }] } },
 *     weightsManifest: [{ paths: [], weights: [{ name: "double/kernel", shape: [1, 1], dtype: "float32" }] }],
 *   },
 *   weights: new Uint8Array(Float32Array.of(2).buffer),
 * });
 * console.log(model.predict([[4]]).value); // [[8]]
 * ```
 */
export async function loadTfjsModel(
  source: string | URL | TfjsArtifacts,
): Promise<Model<Variable, Variable>> {
  const isFile = typeof source === "string" || source instanceof URL;
  if (!isFile && (typeof source !== "object" || source === null)) {
    throw new TypeError(
      message`Cannot load a model from ${describeValue(source)}: pass a path, or what was saved`,
    );
  }
  const text = isFile ? new TextDecoder().decode(await readBytes(source)) : source.modelJson;
  const file = check(FILE, typeof text === "string" ? parse(text) : text, "model.json");
  const specs = file.weightsManifest.flatMap(({ weights }) => weights as readonly WeightSpec[]);
  const paths = file.weightsManifest.flatMap((group) => group.paths);
  const bytes = isFile
    ? join(await Promise.all(paths.map((path) => readBytes(besides(source, path)))))
    : new Uint8Array(source.weights as ArrayBuffer);
  const topology = file.modelTopology;
  const model = readTopology("model_config" in topology ? topology.model_config : topology);
  setWeights(model, readWeights(specs, bytes));
  return model as unknown as Model<Variable, Variable>;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SyntaxError("Cannot read model.json: it is no JSON", { cause });
  }
}

/** A file beside `model.json`. */
function besides(file: string | URL, path: string): string | URL {
  if (path === "" || /^[/\\]|\\|:|(^|\/)\.\.(\/|$)/.test(path)) {
    throw new TypeError(
      message`Cannot read weights from ${describeValue(path)}: it is no file beside model.json`,
    );
  }
  return file instanceof URL ? new URL(path, file) : file.replace(/[^/\\]*$/, "") + path;
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  parts.reduce((at, part) => {
    bytes.set(part, at);
    return at + part.length;
  }, 0);
  return bytes;
}

/** Layer, direction and name of a weight, in which paths here and names there agree. */
function keyOf(path: string): string {
  const [layer, ...rest] = path.replace(/:\d+$/, "").split("/");
  const direction = rest.slice(0, -1).map((part) => /^(forward|backward)(_|$)/.exec(part)?.[1]).find((part) =>
    part
  );
  return [layer, direction ?? "", camelCase(rest.at(-1) ?? "")].join("/");
}

/** Puts weights where their names say; each has a place, and each place a weight. */
function setWeights(model: Model<never, unknown>, found: ReadonlyMap<string, NdArray>): void {
  const arrays = new Map([...found].map(([name, array]) => [keyOf(name), array]));
  const values = Object.entries(model.getWeights()).map(([path, { shape }]) => {
    const key = keyOf(path);
    // A depthwise convolution's only kernel has a name of its own there.
    const other = arrays.has(key) ? key : key.replace(/\/kernel$/, "/depthwiseKernel");
    const array = arrays.get(other);
    arrays.delete(other);
    if (array === undefined) {
      throw new SyntaxError(message`Cannot read the weights of a model: there are none for ${path}`);
    }
    if (!sameShape(array.shape, shape)) {
      throw new SyntaxError(
        message`Cannot read the weights of a model: ${path} has shape ${shape}, the file's has ${array.shape}`,
      );
    }
    return [path, array] as const;
  });
  const [left] = arrays.keys();
  if (left !== undefined) {
    throw new SyntaxError(message`Cannot read the weights of a model: ${left} belongs to no layer`);
  }
  model.setWeights(Object.fromEntries(values));
}
