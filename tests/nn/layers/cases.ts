/** The reference values of layers, as layers and Variables. */
import { constant, type Variable } from "../../../mod.ts";
import { type AnyLayer, layerFromDescription, maskOf, noteMask, sequential } from "../../../src/nn/mod.ts";
import type { Layer } from "../../../src/nn/mod.ts";
import attention from "../../fixtures/framework/layers_attention.json" with { type: "json" };
import convolution from "../../fixtures/framework/layers_convolution.json" with { type: "json" };
import core from "../../fixtures/framework/layers_core.json" with { type: "json" };
import images from "../../fixtures/framework/layers_images.json" with { type: "json" };
import normalization from "../../fixtures/framework/layers_normalization.json" with { type: "json" };
import preprocessing from "../../fixtures/framework/layers_preprocessing.json" with { type: "json" };
import recurrent from "../../fixtures/framework/layers_recurrent.json" with { type: "json" };

/** An array of a fixture. */
export interface Values {
  readonly shape: readonly number[];
  readonly data: readonly (number | string)[];
}

/** A layer in a fixture. */
export interface Described {
  readonly kind: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** A case of a fixture; see the README there. */
export interface LayerCase extends Described {
  readonly name: string;
  readonly inputs: readonly Values[];
  readonly weights: Readonly<Record<string, Values>>;
  readonly trainingFlag: boolean;
  readonly mask?: Values;
  readonly masks?: { readonly value?: Values };
  readonly attentionMask?: Values;
  readonly call?: { readonly useCausalMask?: boolean };
  readonly countWeights?: Values;
  readonly adaptTo?: Values;
  readonly output: Values;
  readonly outputMask?: Values;
  readonly cotangent?: Values;
  readonly gradients?: {
    readonly inputs: readonly (Values | null)[];
    readonly weights: Readonly<Record<string, Values>>;
  };
  readonly stateAfter?: Readonly<Record<string, Values>>;
  readonly laterInputs?: readonly Values[];
  readonly stateAfterAll?: Readonly<Record<string, Values>>;
}

const files: readonly { readonly cases: unknown }[] = [
  attention,
  convolution,
  core,
  images,
  normalization,
  preprocessing,
  recurrent,
];

/** All cases. */
export const LAYER_CASES: readonly LayerCase[] = files.flatMap(({ cases }) => cases as readonly LayerCase[]);

/** Layers of several inputs. */
const SEVERAL = ["add", "subtract", "multiply", "average", "maximum", "minimum", "concatenate", "dot"];

/** A layer of what goes in as an array, whatever its kind takes. */
export type AnyInput = Layer<unknown, Variable>;

/** The layer of a case. */
export function layerOf({ kind, options, call }: Described & Pick<LayerCase, "call">): AnyInput {
  if (kind === "sequential") {
    const list = options["layers"] as readonly Described[];
    return sequential(list.map((each) => layerOf(each) as Layer)) as unknown as AnyInput;
  }
  const read = Object.fromEntries(
    Object.entries(options).map(([name, value]) =>
      name === "layer" ? [name, { $layer: value }] : [name, value]
    ),
  );
  return layerFromDescription({ kind, options: { ...read, ...call } }) as AnyLayer as unknown as AnyInput;
}

/** The numbers of a fixture. */
export function variableOf({ shape, data }: Values, dtype: "float32" | "float64" = "float64"): Variable {
  const numbers = Float64Array.from(data, Number);
  return constant(numbers, { dtype }).reshape([...shape]);
}

/** What a case's layer takes, of Variables in the order of its inputs, with the masks of the case. */
export function inputOf(one: LayerCase, inputs: readonly Variable[]): unknown {
  const [first, second, third] = inputs;
  if (one.kind === "multiHeadAttention") {
    const value = masked(second!, one.masks?.value);
    return {
      query: first === second ? value : first!,
      value,
      ...third === undefined ? {} : { key: third },
      ...one.attentionMask === undefined
        ? {}
        : { attentionMask: variableOf(one.attentionMask, first!.dtype) },
    };
  }
  if (SEVERAL.includes(one.kind)) return inputs;
  if (one.countWeights !== undefined) return [first!, variableOf(one.countWeights, first!.dtype)];
  return masked(first!, one.mask);
}

function masked(x: Variable, mask: Values | undefined): Variable {
  return mask === undefined || maskOf(x) !== undefined ? x : noteMask(x, variableOf(mask, x.dtype));
}

/** The path that a weight of a fixture has here. */
export function pathOf({ kind, options }: Described, name: string): string {
  if (kind === "timeDistributed") return `${(options["layer"] as Described).kind}/${name}`;
  if (kind !== "sequential") return name;
  const [, index, ...rest] = name.split("/");
  return [(options["layers"] as readonly Described[])[Number(index)]!.kind, ...rest].join("/");
}

const STATE = ["movingMean", "movingVariance", "mean", "variance"];

/** Parameters and state of a case. */
export function weightsOf(one: LayerCase, dtype: "float32" | "float64" = "float64"): {
  parameters: Record<string, Variable>;
  state: Record<string, Variable>;
} {
  const parameters: Record<string, Variable> = {};
  const state: Record<string, Variable> = {};
  for (const [name, values] of Object.entries(one.weights)) {
    (STATE.includes(name) ? state : parameters)[pathOf(one, name)] = variableOf(values, dtype);
  }
  return { parameters, state };
}
