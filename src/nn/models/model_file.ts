import { message } from "../../_internal/message.ts";
import { readOptions } from "../../_internal/readers/mod.ts";
import { encodeSafetensors } from "../../formats/mod.ts";
import type { Variable } from "../../variable/mod.ts";
import { type Json, toJson } from "../core/description.ts";
import { describeTraining } from "../training/description.ts";
import type { Model } from "./model.ts";

/** What is written of a model. */
export interface SaveOptions {
  /** Whether its training is written too, so that going on gives the bits of one that was not interrupted; false by default. */
  readonly training?: boolean;
}

/** The metadata of a model's file that holds its description. */
export const ENTRY = "tapegrad";

/** The version of what stands there. */
export const FORMAT = 1;

/** Writes a model as a safetensors file; see `Model.toBytes`. */
export function encodeModel(model: Model<unknown, unknown>, options?: SaveOptions): Uint8Array<ArrayBuffer> {
  const { training } = readOptions("save", options, { training: false });
  const tensors: Record<string, Variable> = {
    ...under("parameters", model.parameters),
    ...under("state", model.state),
  };
  const description: Record<string, Json> = {
    format: FORMAT,
    model: model.toJSON() as Json,
    metadata: toJson(model.metadata, "metadata"),
  };
  if (training) {
    const { compileOptions } = model;
    if (compileOptions === undefined) {
      throw new TypeError(
        message`Cannot save the training of ${model.kind}: it was not compiled, call compile() first`,
      );
    }
    description["training"] = describeTraining(compileOptions);
    const { optimizer, epochs, seed } = model.trainingState();
    Object.assign(tensors, {
      "training/step": optimizer.step,
      "training/rate": optimizer.rate,
      "training/epochs": epochs,
      "training/seed": seed,
    });
    for (const [slot, weights] of Object.entries(optimizer.slots)) {
      Object.assign(tensors, under(`optimizer/${slot}`, weights));
    }
  }
  return encodeSafetensors(tensors, { [ENTRY]: JSON.stringify(description) });
}

function under(prefix: string, weights: { readonly [path: string]: Variable }): Record<string, Variable> {
  return Object.fromEntries(Object.entries(weights).map(([path, value]) => [`${prefix}/${path}`, value]));
}
