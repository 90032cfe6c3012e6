import { appendBytes } from "../_internal/files.ts";
import { message } from "../_internal/message.ts";
import { describeValue } from "../_internal/format.ts";
import { readInteger, readOptions } from "../_internal/readers/mod.ts";
import type { Callbacks, TrainedModel } from "../nn/mod.ts";
import { countNumbers, eventRecord, type EventValue, fileHeader } from "./event_file.ts";

/** What is written besides losses and metrics. */
export interface TensorBoardOptions {
  /** After how many epochs histograms of the weights are written; 0, never, by default. */
  readonly histogramFrequency?: number;
}

/** The part that numbers of validation are written to; their names begin with `val`. */
const VALIDATION = /^val([A-Z])/;

/**
 * A callback that writes losses and metrics of each epoch, the learning rate, and histograms of the weights if they are
 * asked for, as event files that TensorBoard shows: `tensorboard --logdir FOLDER`. There is a run `train`, and a run
 * `validation` where there are validation data; names are those of Keras, `epoch_loss` and so on. Needs write permission.
 *
 * @param folder The folder of the runs; it is made if need be. Give each training one of its own
 * @param options How often histograms are written
 * @throws {TypeError} If the folder is no text, or an option is unknown
 * @throws {RangeError} If the frequency is not an integer from 0 up
 *
 * @example
 * ```ts
 * import { tensorBoard } from "@tapegrad/tapegrad/io";
 * import { dense, sequential } from "@tapegrad/tapegrad/nn";
 *
 * const folder = await Deno.makeTempDir();
 * const model = sequential([dense({ units: 1 })]);
 * model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
 * await model.fit([[1], [2]], [2, 4], { epochs: 3, callbacks: tensorBoard(folder) });
 * console.log([...Deno.readDirSync(folder)].map(({ name }) => name)); // ["train"]
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export function tensorBoard(folder: string, options?: TensorBoardOptions): Callbacks {
  if (typeof folder !== "string" || folder === "") {
    throw new TypeError(
      message`Cannot write for TensorBoard: the folder is ${describeValue(folder)}, pass a text`,
    );
  }
  const { histogramFrequency } = readOptions("tensorBoard", options, { histogramFrequency: 0 });
  const frequency = readInteger("tensorBoard", "the option histogramFrequency", histogramFrequency, 0);
  let model: TrainedModel | undefined;
  let begun = 0;
  const started = new Set<string>();
  const write = async (run: string, step: number, values: readonly EventValue[]): Promise<void> => {
    if (values.length === 0) return;
    const path = `${folder}/${run}/events.out.tfevents.${begun}.tapegrad`;
    const seconds = Date.now() / 1000;
    if (!started.has(run)) await appendBytes(path, fileHeader(seconds));
    started.add(run);
    await appendBytes(path, eventRecord(seconds, step, values));
  };
  return {
    onTrainBegin(trained) {
      model = trained;
      // Trainings that begin within the same millisecond go into one file.
      begun = Date.now();
      started.clear();
    },
    async onEpochEnd(epoch, logs) {
      const runs: { readonly [run: string]: EventValue[] } = { train: [], validation: [] };
      for (const [name, scalar] of Object.entries(logs)) {
        const match = VALIDATION.exec(name);
        const own = match === null ? name : match[1]!.toLowerCase() + name.slice(4);
        runs[match === null ? "train" : "validation"]!.push({ tag: `epoch_${own}`, scalar });
      }
      runs["train"]!.push({ tag: "epoch_learning_rate", scalar: model!.learningRate });
      if (frequency > 0 && (epoch + 1) % frequency === 0) {
        for (const [path, weights] of Object.entries(model!.getWeights())) {
          runs["train"]!.push({ tag: path, histogram: countNumbers(weights.data) });
        }
      }
      for (const [run, values] of Object.entries(runs)) await write(run, epoch, values);
    },
  };
}
