import { readBoolean, readFunction } from "../../_internal/readers/mod.ts";
import type { Variable } from "../../variable/mod.ts";
import type { Context } from "./context.ts";
import { describeOptions, type LayerDescription } from "./description.ts";
import { checkName } from "./names.ts";
import { type Factory, originOf, Registry } from "./registry.ts";
import { type ExampleShape, readExampleShape } from "./spec.ts";
import { applyToSymbols, type Symbolic } from "./symbol.ts";

/** What every layer takes beside its own options. */
export interface LayerOptions {
  /** Part of the paths of its parameters, without `/`; by default its kind, numbered. */
  readonly name?: string;
  /** Whether its parameters are trained; true by default. */
  readonly trainable?: boolean;
  /** The shape of one example, null for lengths that vary; else it is learnt from the first data. */
  readonly inputShape?: ExampleShape;
}

/** Makes layers of one kind. */
export type LayerFactory<P, I = Variable, O = Variable> = Factory<P & LayerOptions, Layer<I, O>>;

/** Any layer, whatever goes in and comes out. */
export type AnyLayer = Layer<never, unknown>;

/**
 * A function of an input and a {@linkcode Context}, which hands out its parameters. It holds no parameters itself:
 * models do, so that training is a pure function. Made by {@linkcode defineLayer}.
 */
export class Layer<I = Variable, O = Variable> {
  /** What it is, such as `"dense"`. */
  readonly kind: string;
  /** The options that it was made with. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Its name, where it was given one. */
  readonly name: string | undefined;
  /** The shape of one example, where it was stated. */
  readonly inputShape: ExampleShape | undefined;
  /** Whether its parameters, and those of the layers in it, are trained; read when a model is compiled. */
  trainable: boolean;
  readonly #call: (x: I, context: Context) => O;

  /** @internal Use `defineLayer`. */
  constructor(kind: string, options: LayerOptions, call: (x: I, context: Context) => O) {
    this.kind = kind;
    this.options = options as Readonly<Record<string, unknown>>;
    this.name = checkName(kind, options.name);
    this.trainable = options.trainable === undefined
      ? true
      : readBoolean(kind, "the option trainable", options.trainable);
    this.inputShape = options.inputShape === undefined
      ? undefined
      : readExampleShape(kind, options.inputShape);
    this.#call = readFunction(`${kind} layer`, "what computes its output", call);
  }

  /** Computes the output; containers call it. Use `applyLayer` or a model to call a layer by itself. */
  call(x: I, context: Context): O {
    return this.#call(x, context);
  }

  /**
   * The layer as JSON, for {@linkcode layerFromDescription}; weights are not part of it.
   *
   * @throws {TypeError} If an option can't be written, such as a function that has no name
   */
  toJSON(): LayerDescription {
    const { kind, options } = originOf(this) ?? this;
    return {
      kind,
      options: describeOptions(options, this.name ?? kind),
      ...this.trainable ? {} : { trainable: false },
    };
  }

  /**
   * Puts the layer behind symbols, for {@linkcode model}.
   *
   * @param x What `input` or another layer gave, in the structure of the layer's input
   * @returns Symbols for the output; their shapes are found by running the layer
   * @throws {TypeError} If the shapes do not fit
   */
  apply(x: Symbolic<I>): Symbolic<O> {
    return applyToSymbols(this, x);
  }
}

/** All kinds of layers, by name. */
export const layers: Registry<AnyLayer> = new Registry<AnyLayer>("layer");

/**
 * Defines a kind of layer: what it computes of an input, and which parameters it asks the context for.
 *
 * @param kind Its name, under which models that contain it are saved
 * @param make Takes the options and returns the function of input and context
 * @returns A function that makes such layers
 * @throws {TypeError} If the name is taken
 *
 * @example
 * ```ts
 * import type { Variable } from "@tapegrad/tapegrad";
 * import { type Context, defineLayer, type LayerFactory, sequential } from "@tapegrad/tapegrad/nn";
 *
 * const scale: LayerFactory<{ start?: number }> = defineLayer(
 *   "example/scale",
 *   ({ start = 1 }: { start?: number }) => (x: Variable, c: Context) =>
 *     x.mul(c.parameter("gain", x.shape.slice(-1), start)),
 * );
 * console.log(sequential([scale({ start: 3 })]).build([2]).predict([[1, 2]]).value); // [[3, 6]]
 * ```
 */
export function defineLayer<P extends object, I = Variable, O = Variable>(
  kind: string,
  make: (options: P & LayerOptions) => (x: I, context: Context) => O,
): LayerFactory<P, I, O> {
  readFunction("defineLayer", "what makes a layer's function", make);
  const factory = layers.define<P & LayerOptions>(
    kind,
    (options) => new Layer(kind, options, make(options)) as unknown as AnyLayer,
  );
  return factory as unknown as LayerFactory<P, I, O>;
}

/** Whether a value is a layer. */
export function isLayer(value: unknown): value is AnyLayer {
  return value instanceof Layer;
}
