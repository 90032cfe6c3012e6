import { describeValue } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import { concat, flip } from "../../functions/mod.ts";
import type { Variable } from "../../variable/mod.ts";
import type { Context } from "../core/context.ts";
import {
  defineLayer,
  isLayer,
  type Layer,
  type LayerFactory,
  type LayerOptions,
  layers,
} from "../core/layer.ts";
import { maskOf, noteMask } from "../core/notes.ts";
import { article, cannotMake, readLayerOptions, readName } from "./_options.ts";

/** Options of {@linkcode timeDistributed}. */
export interface TimeDistributedOptions extends LayerOptions {
  /** What is applied to each step. */
  readonly layer: Layer;
}

/**
 * Applies a layer to each step of sequences `[batch, steps, ...]`, with the same weights.
 *
 * @param options The layer
 * @throws {TypeError} If it is none
 *
 * @example
 * ```ts
 * import { conv2d, input, timeDistributed } from "@tapegrad/tapegrad/nn";
 *
 * const layer = timeDistributed({ layer: conv2d({ filters: 4, kernelSize: 3 }) });
 * console.log(layer.apply(input({ shape: [10, 8, 8, 1] })).shape); // [10, 6, 6, 4]
 * ```
 */
export const timeDistributed: LayerFactory<TimeDistributedOptions> = defineLayer(
  "timeDistributed",
  (options: TimeDistributedOptions) => {
    const { layer } = readLayerOptions("timeDistributed", options, { layer: undefined });
    checkLayer("timeDistributed", "layer", layer);
    return (x: Variable, c: Context) => {
      if (x.rank < 3) {
        throw new TypeError(
          message`Cannot apply a timeDistributed layer to examples of shape ${
            x.shape.slice(1)
          }: expected [steps, ...]`,
        );
      }
      const [batch = 1, steps = 1, ...rest] = x.shape;
      const y = c.call(layer, x.reshape([batch * steps, ...rest]));
      return y.reshape([batch, steps, ...y.shape.slice(1)]);
    };
  },
);

/** How {@linkcode bidirectional} joins both directions; null gives an array of both. */
export type MergeMode = "concat" | "sum" | "mul" | "ave";

/** Options of {@linkcode bidirectional}. */
export interface BidirectionalOptions extends LayerOptions {
  /** A recurrent layer, for the way forwards. */
  readonly layer: Layer<never, Variable>;
  /** The one for the way back; by default the same kind with the same options, and weights of its own. */
  readonly backwardLayer?: Layer<never, Variable>;
  /** How both results are joined; `"concat"` by default. */
  readonly mergeMode?: MergeMode;
}

const MERGES: { readonly [mode in MergeMode]: (x: Variable, y: Variable) => Variable } = {
  concat: (x, y) => concat([x, y], { axis: -1 }),
  sum: (x, y) => x.add(y),
  mul: (x, y) => x.mul(y),
  ave: (x, y) => x.add(y).mul(0.5),
};

/**
 * Runs a recurrent layer over sequences in both directions (Schuster and Paliwal 1997), `forward` and `backward`, and
 * joins the results. The steps of the way back are put in order again.
 *
 * @param options The layer, and how results are joined
 * @throws {TypeError} If the layer is not recurrent
 *
 * @example
 * ```ts
 * import { bidirectional, input, lstm } from "@tapegrad/tapegrad/nn";
 *
 * const layer = bidirectional({ layer: lstm({ units: 4, returnSequences: true }) });
 * console.log(layer.apply(input({ shape: [10, 8] })).shape); // [10, 8]
 * ```
 */
export const bidirectional: LayerFactory<BidirectionalOptions> = defineLayer(
  "bidirectional",
  (options: BidirectionalOptions) => {
    const read = readLayerOptions("bidirectional", options, {
      layer: undefined,
      backwardLayer: undefined,
      mergeMode: "concat",
    });
    const merge =
      MERGES[readName("bidirectional", "mergeMode", read.mergeMode, ["concat", "sum", "mul", "ave"])];
    const forward = readRecurrent("layer", read.layer);
    const backward = read.backwardLayer === undefined
      ? turned(forward)
      : readRecurrent("backwardLayer", read.backwardLayer);
    const isSequence = forward.options["returnSequences"] === true;
    const isBackwards = (layer: Layer): boolean => layer.options["goBackwards"] === true;
    if (isBackwards(forward) === isBackwards(backward)) {
      throw cannotMake(
        "bidirectional",
        "layer and backwardLayer go the same way, set goBackwards in one of them",
      );
    }
    if (isSequence !== (backward.options["returnSequences"] === true)) {
      throw cannotMake("bidirectional", "one of both layers has returnSequences, the other has not");
    }
    return (x: Variable, c: Context) => {
      const [one, other] = [c.call(forward, x, "forward"), c.call(backward, x, "backward")];
      if (!isSequence) return merge(one, other);
      const inOrder = (y: Variable, layer: Layer): Variable => isBackwards(layer) ? flip(y, { axis: 1 }) : y;
      const merged = merge(inOrder(one, forward), inOrder(other, backward));
      const mask = maskOf(x);
      // Steps that do not count are 0, as in Keras: both ways have repeated other outputs there.
      return mask === undefined
        ? merged
        : noteMask(mask.cast(merged.dtype).reshape([...mask.shape, 1]).where(merged, 0), mask);
    };
  },
);

/** The same layer the other way round, with weights of its own. */
function turned(layer: Layer): Layer {
  const { name: _, ...options } = layer.options;
  const made = layers.make(layer.kind, { ...options, goBackwards: options["goBackwards"] !== true });
  made.trainable = layer.trainable;
  return made as unknown as Layer;
}

function readRecurrent(name: string, layer: Layer<never, Variable>): Layer {
  checkLayer("bidirectional", name, layer);
  if (!["simpleRnn", "lstm", "gru"].includes(layer.kind)) {
    throw new TypeError(
      message`Cannot make a bidirectional layer of ${
        article(layer.kind)
      } ${layer.kind} layer: use simpleRnn, lstm or gru`,
    );
  }
  if (layer.options["returnState"] === true) {
    throw new TypeError("Cannot make a bidirectional layer of one with returnState: leave it out");
  }
  return layer as unknown as Layer;
}

function checkLayer(kind: string, name: string, layer: unknown): void {
  if (isLayer(layer)) return;
  throw new TypeError(message`Cannot make a ${kind} layer: ${name} is ${describeValue(layer)}, use a layer`);
}
