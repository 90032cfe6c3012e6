import * as v from "npm:valibot@1.1.0";
import { describeValue } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import {
  type AnyLayer,
  input,
  type Layer,
  type Model,
  model,
  sequential,
  type SymbolicTensor,
} from "../../nn/mod.ts";
import { readLayer } from "./layers.ts";

const CONFIG = v.record(v.string(), v.unknown());
const REFERENCE = v.looseTuple([v.string(), v.number(), v.number()]);
const LAYER = v.looseObject({ class_name: v.string(), config: CONFIG });
const LAYERS = v.pipe(v.array(LAYER), v.maxLength(10_000));
const SEQUENTIAL = v.union([LAYERS, v.looseObject({ layers: LAYERS })]);
const CALLED = v.looseObject({
  ...LAYER.entries,
  name: v.string(),
  inbound_nodes: v.array(v.array(REFERENCE)),
});
const GRAPH = v.looseObject({
  layers: v.pipe(v.array(CALLED), v.maxLength(10_000)),
  input_layers: v.array(REFERENCE),
  output_layers: v.array(REFERENCE),
});

/** The model's kind and configuration, as `model.json` has them. */
export interface Topology {
  readonly class_name: string;
  readonly config?: unknown;
}

/** Checks a {@linkcode Topology}. */
export const TOPOLOGY: v.GenericSchema<unknown, Topology> = v.looseObject({
  class_name: v.string(),
  config: v.unknown(),
}) as v.GenericSchema<unknown, Topology>;

type Symbols = SymbolicTensor | SymbolicTensor[];

/** One call of a layer: which one of that layer it is, and what goes in; an input is called with nothing. */
interface Call {
  readonly layer: v.InferOutput<typeof CALLED>;
  readonly call: number;
  readonly from: readonly v.InferOutput<typeof REFERENCE>[] | undefined;
}

/**
 * Makes a model, with start weights, of its configuration.
 *
 * @throws {TypeError} If something is malformed, or not supported
 */
export function readTopology({ class_name, config }: Topology): Model<never, unknown> {
  if (class_name === "Sequential") return readSequential(config);
  if (class_name === "Model" || class_name === "Functional") return readGraph(config);
  throw new TypeError(
    message`Cannot read a model of kind ${describeValue(class_name)}: use Sequential or Model`,
  );
}

/** Checks a part of the configuration. */
export function check<S extends v.GenericSchema>(schema: S, value: unknown, what: string): v.InferOutput<S> {
  const checked = v.safeParse(schema, value);
  if (checked.success) return checked.output;
  const [issue] = checked.issues;
  throw new TypeError(
    message`Cannot read ${what}: it is wrong at ${v.getDotPath(issue) ?? "the top"}, ${issue.message}`,
  );
}

function readSequential(config: unknown): Model<never, unknown> {
  const read = check(SEQUENTIAL, config, "the layers of a model");
  const list = "layers" in read ? read.layers : read;
  const stated = list[0]?.config["batch_input_shape"] ?? list[0]?.config["batch_shape"];
  const layers = list.filter(({ class_name }) => class_name !== "InputLayer")
    .map(({ class_name, config }, i) => readLayer(class_name, config, `layers[${i}]`) as unknown as Layer);
  return sequential(layers).build(readShape(stated, "the first layer")) as unknown as Model<never, unknown>;
}

/** The shape of one example; null for an axis of any length. */
function readShape(stated: unknown, what: string): (number | null)[] {
  const shape = Array.isArray(stated) ? stated.slice(1) : undefined;
  const isKnown = shape?.every((length) => length === null || (Number.isSafeInteger(length) && length >= 0));
  if (isKnown) return shape as (number | null)[];
  throw new TypeError(
    message`Cannot read ${what}: the shape of an example is ${describeValue(stated)}, it has to be known`,
  );
}

function readGraph(config: unknown): Model<never, unknown> {
  const { layers, input_layers, output_layers } = check(GRAPH, config, "the graph of a model");
  const results = new Map<string, Symbols[]>();
  const find = ([name, node, index]: v.InferOutput<typeof REFERENCE>): SymbolicTensor | undefined => {
    const made = results.get(name)?.[node];
    return Array.isArray(made) ? made[index] : index === 0 ? made : undefined;
  };
  const made = new Map<string, AnyLayer>();
  // A layer may be called by layers that stand before it: go round until nothing is left.
  let open = layers.flatMap((layer): Call[] =>
    layer.class_name === "InputLayer"
      ? [{ layer, call: 0, from: undefined }]
      : layer.inbound_nodes.map((from, call) => ({ layer, call, from }))
  );
  while (open.length > 0) {
    const rest = open.filter(({ layer, call, from }) => {
      if (from === undefined) {
        const shape = readShape(layer.config["batch_input_shape"] ?? layer.config["batch_shape"], layer.name);
        results.set(layer.name, [input({ shape, name: layer.name })]);
        return false;
      }
      const symbols = from.map(find);
      if ((results.get(layer.name)?.length ?? 0) !== call || symbols.includes(undefined)) return true;
      const applied = made.get(layer.name) ?? readLayer(layer.class_name, layer.config, layer.name);
      made.set(layer.name, applied);
      const given = symbols.length === 1 ? symbols[0]! : symbols;
      const result = (applied as unknown as { apply(x: unknown): Symbols }).apply(given);
      results.set(layer.name, [...results.get(layer.name) ?? [], result]);
      return false;
    });
    if (rest.length === open.length) {
      throw new TypeError(
        message`Cannot read the graph of a model: the layer ${
          rest[0]!.layer.name
        } is called with what is not there`,
      );
    }
    open = rest;
  }
  const all = (references: readonly v.InferOutput<typeof REFERENCE>[]): Symbols => {
    const symbols = references.map((reference) => {
      const symbol = find(reference);
      if (symbol !== undefined) return symbol;
      throw new TypeError(message`Cannot read the graph of a model: there is no layer ${reference[0]}`);
    });
    return symbols.length === 1 ? symbols[0]! : symbols;
  };
  return model({ inputs: all(input_layers), outputs: all(output_layers) }) as unknown as Model<
    never,
    unknown
  >;
}
