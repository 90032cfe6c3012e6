import * as v from "npm:valibot@1.1.0";
import { checkPath, readBytes } from "../_internal/files.ts";
import { describeValue } from "../_internal/format.ts";
import { message } from "../_internal/message.ts";
import {
  parseHeader,
  readTensor,
  repeatedKey,
  type SafetensorsHeader,
  type TensorEntry,
} from "../formats/mod.ts";
import { sameShape, sizeOf } from "../array/shape.ts";
import { fromDescription, type Model, trainingFromDescription } from "../nn/mod.ts";
import { ENTRY, FORMAT } from "../nn/models/model_file.ts";
import { constant, type Variable } from "../variable/mod.ts";

/** What stands beside the tensors of a model's file. */
const DESCRIPTION = v.strictObject({
  format: v.literal(FORMAT),
  model: v.looseObject({ kind: v.string() }),
  metadata: v.record(v.string(), v.unknown()),
  training: v.optional(v.looseObject({})),
});

/**
 * Reads a model that `model.save` or `model.toBytes` wrote: layers, weights, metadata and, where that was written, its
 * training, so that going on with `fit` gives the bits of a training that was not interrupted. Layers and functions of
 * one's own have to be defined before, under the same names. No text of a file is run as code, and nothing large is
 * allocated before all of it has been checked. Reading a file needs read permission.
 *
 * @param source A path, or the bytes
 * @returns The model, which predicts the same bits; it is compiled if its training was written
 * @throws {Deno.errors.NotFound} If there is no such file
 * @throws {SyntaxError} If the bytes are no model: malformed, or tensors that do not belong to the layers described
 * @throws {TypeError} If the description of a layer is malformed
 * @throws {RangeError} If a kind of layer, or a function, is unknown, or an option out of range
 *
 * @example
 * ```ts
 * import { loadModel } from "@tapegrad/tapegrad/io";
 * import { dense, sequential } from "@tapegrad/tapegrad/nn";
 *
 * const model = sequential([dense({ units: 2, activation: "softmax", inputShape: [3] })]).build();
 * model.metadata = { classes: ["no", "yes"] };
 * const again = await loadModel(model.toBytes());
 * console.log(again.metadata["classes"]); // ["no", "yes"]
 * ```
 */
export async function loadModel(source: string | URL | Uint8Array): Promise<Model<Variable, Variable>> {
  const isBytes = source instanceof Uint8Array;
  if (!isBytes) checkPath(source);
  const name = isBytes ? "the bytes of a model" : String(source);
  const header = parseHeader(isBytes ? source : await readBytes(source), name);
  return readModel(header, name) as Model<unknown, unknown> as Model<Variable, Variable>;
}

function readModel(header: SafetensorsHeader, name: string): Model<unknown, unknown> {
  const description = readDescription(header, name);
  const model = fromDescription(description.model);
  model.metadata = description.metadata as typeof model.metadata;
  const entries = new Map(header.entries.map((entry) => [entry.name, entry]));
  const numbers = header.entries.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const plan = model.plan(numbers);
  const take = (prefix: string, like: { readonly [path: string]: Variable }): Record<string, Variable> =>
    Object.fromEntries(
      Object.entries(like).map(([path, { shape }]) => {
        const entry = entries.get(`${prefix}/${path}`);
        entries.delete(`${prefix}/${path}`);
        return [path, readWeight(name, `${prefix}/${path}`, shape, entry)];
      }),
    );
  model.restore({ parameters: take("parameters", plan.parameters), state: take("state", plan.state) });
  if (description.training !== undefined) goOn(model, description.training, take);
  const [left] = entries.keys();
  if (left === undefined) return model;
  throw new SyntaxError(
    message`Cannot read ${name}: the tensor ${describeValue(left)} belongs to no part of the model`,
  );
}

/** Compiles the model as it was, and gives it the state of its training. */
function goOn(
  model: Model<unknown, unknown>,
  training: unknown,
  take: (prefix: string, like: { readonly [path: string]: Variable }) => Record<string, Variable>,
): void {
  model.compile(trainingFromDescription(training));
  const now = model.trainingState();
  const { step, rate } = now.optimizer;
  const numbers = take("training", { step, rate, epochs: now.epochs, seed: now.seed });
  const slots = Object.entries(now.optimizer.slots).map((
    [slot, weights],
  ) => [slot, take(`optimizer/${slot}`, weights)]);
  model.setTrainingState({
    parameters: now.parameters,
    state: now.state,
    optimizer: { step: numbers["step"]!, rate: numbers["rate"]!, slots: Object.fromEntries(slots) },
    epochs: numbers["epochs"]!,
    seed: numbers["seed"]!,
  });
}

function readDescription({ metadata }: SafetensorsHeader, name: string): v.InferOutput<typeof DESCRIPTION> {
  const text = Object.hasOwn(metadata, ENTRY) ? metadata[ENTRY] : undefined;
  if (text === undefined) {
    throw new SyntaxError(
      message`Cannot read ${name}: it describes no model; read its arrays with readSafetensors(), or a model's weights
      with loadWeights()`,
    );
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new SyntaxError(message`Cannot read ${name}: the description of the model is no JSON`, {
      cause: error,
    });
  }
  const twice = repeatedKey(text);
  if (twice !== undefined) {
    throw new SyntaxError(message`Cannot read ${name}: the description names ${describeValue(twice)} twice`);
  }
  const checked = v.safeParse(DESCRIPTION, json);
  if (checked.success) return checked.output;
  const [issue] = checked.issues;
  throw new SyntaxError(
    message`Cannot read ${name}: the description is wrong at ${
      v.getDotPath(issue) ?? "the top"
    }, ${issue.message}`,
  );
}

function readWeight(
  name: string,
  path: string,
  shape: readonly number[],
  entry: TensorEntry | undefined,
): Variable {
  if (entry === undefined) {
    throw new SyntaxError(message`Cannot read ${name}: the tensor ${path} of the model is not there`);
  }
  if (!sameShape(entry.shape, shape)) {
    throw new SyntaxError(
      message`Cannot read ${name}: the tensor ${path} has shape ${entry.shape}, the model's has ${shape}`,
    );
  }
  const array = readTensor(entry);
  return constant(array, { dtype: array.dtype, name: path });
}
