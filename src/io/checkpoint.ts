import { removeFile } from "../_internal/files.ts";
import { message } from "../_internal/message.ts";
import { readInteger, readOptions } from "../_internal/readers/mod.ts";
import {
  type Callbacks,
  Model,
  type MonitorOptions,
  type TrainedModel,
  type TrainingPlan,
} from "../nn/mod.ts";
import { Monitor } from "../nn/callbacks/monitor.ts";

/** When models are saved while training, and which files are kept. */
export interface CheckpointOptions extends MonitorOptions {
  /** Whether only epochs better than all before are saved; false by default. */
  readonly saveBestOnly?: boolean;
  /** How many files are kept, if `path` has a place for the number of the epoch; all by default. */
  readonly keep?: number;
  /** Whether the training is saved too, so that it can go on from the file; true by default. */
  readonly training?: boolean;
}

/**
 * A callback that saves the model after epochs. Each file is written whole before it takes the name of another.
 *
 * @param path The file; `{epoch}` in it stands for the number of the epoch, counted from 1
 * @param options Only the best, the last few, with or without training, and what is best
 * @throws {TypeError} If an option is unknown
 * @throws {RangeError} If an option is out of range; when called, if the number to watch is not recorded
 *
 * @example
 * ```ts
 * import { checkpoint, loadModel } from "@tapegrad/tapegrad/io";
 * import { dense, sequential } from "@tapegrad/tapegrad/nn";
 *
 * const folder = await Deno.makeTempDir();
 * const model = sequential([dense({ units: 1 })]);
 * model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
 * const callbacks = checkpoint(`${folder}/{epoch}.safetensors`, { keep: 1 });
 * await model.fit([[1], [2]], [2, 4], { epochs: 3, callbacks });
 * await (await loadModel(`${folder}/3.safetensors`)).fit([[1], [2]], [2, 4]); // goes on
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export function checkpoint(path: string, options?: CheckpointOptions): Callbacks {
  const { saveBestOnly, keep, training, ...watched } = readOptions("checkpoint", options, {
    saveBestOnly: false,
    keep: undefined,
    training: true,
    monitor: undefined,
    minDelta: undefined,
    mode: undefined,
  });
  if (typeof path !== "string" || path === "") {
    throw new TypeError(message`Cannot save checkpoints at ${path}: the path is a text`);
  }
  if (keep !== undefined) readInteger("checkpoint", "the option keep", keep, 1);
  const monitor = new Monitor("save checkpoints", defined(watched));
  const written: string[] = [];
  let model: Model<unknown, unknown> | undefined;
  return {
    onTrainBegin(trained: TrainedModel, plan: TrainingPlan) {
      if (!(trained instanceof Model)) {
        throw new TypeError("Cannot save checkpoints: what is trained is no model");
      }
      model = trained;
      monitor.reset(plan);
    },
    async onEpochEnd(epoch, logs) {
      if (saveBestOnly && (monitor.skips(epoch, logs) || !monitor.improves(logs))) return;
      const file = path.replaceAll("{epoch}", String(epoch + 1));
      await model!.save(file, { training });
      if (written.at(-1) !== file) written.push(file);
      while (keep !== undefined && written.length > keep) await removeFile(written.shift()!);
    },
  };
}

/** The options that were given. */
function defined(options: MonitorOptions): MonitorOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
