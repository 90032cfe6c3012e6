import { describeValue } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import { checkOptions, readList } from "../../_internal/readers/mod.ts";
import type { Tree, Variable } from "../../variable/mod.ts";
import type { Json, LayerDescription } from "../core/description.ts";
import { type AnyLayer, isLayer, type Layer } from "../core/layer.ts";
import { uniqueNames } from "../core/names.ts";
import { describeExampleShape, type ExampleShape, fitsExample, TensorSpec } from "../core/spec.ts";
import type { LayerCall } from "./layer_graph.ts";
import { Model } from "./model.ts";
import type { ModelOptions } from "./model_options.ts";

/** Options of {@linkcode sequential}. */
export interface SequentialOptions extends ModelOptions {
  /** The shape of one example, without the batch axis; else the first layer's, or learnt from the first data. */
  readonly inputShape?: ExampleShape;
}

/** A stack of layers that can be trained. Made with {@linkcode sequential}. */
export class Sequential extends Model<Variable, Variable> {
  readonly #layers: Layer[] = [];
  #known: ReadonlyMap<Layer, string> | undefined;

  /** @internal Use `sequential`. */
  constructor(layers: readonly Layer[], options: SequentialOptions) {
    super("sequential", options, (x, c) => {
      if (this.#layers.length === 0) {
        throw new TypeError(message`Cannot use ${this.title}: it has no layers, add one`);
      }
      let h = x;
      const names = this.#names();
      for (const layer of this.#layers) {
        const name = names.get(layer) ?? layer.kind;
        checkInput(this.title, name, layer, h);
        h = c.call(layer, h, name);
      }
      return h;
    });
    readList("sequential", "the list of layers", layers).forEach((layer) => this.add(layer));
  }

  /**
   * Puts a layer on top.
   *
   * @throws {TypeError} If it is no layer, or the model has been built already
   */
  add(layer: Layer): this {
    if (!isLayer(layer)) {
      throw new TypeError(message`Cannot add ${describeValue(layer)} to ${this.title}: it is no layer`);
    }
    if (this.builtInputs !== undefined) {
      throw new TypeError(
        message`Cannot add a layer to ${this.title}: the model has been built already; add layers before fit()`,
      );
    }
    this.#layers.push(layer);
    this.#known = undefined;
    return this;
  }

  /**
   * The model as JSON, for {@linkcode fromDescription}; weights are not part of it.
   *
   * @throws {TypeError} If an option of a layer can't be written, such as a function that has no name
   */
  override toJSON(): LayerDescription {
    const unique = [...this.#names().keys()];
    const order = this.#layers.map((layer) => unique.indexOf(layer));
    const described = super.toJSON();
    const inputs = this.builtInputs;
    return {
      ...described,
      // Built again it has the same shapes.
      options: inputs instanceof TensorSpec
        ? { inputShape: [...inputs.axes], ...described.options }
        : described.options,
      layers: unique.map((layer) => layer.toJSON() as Json),
      ...order.length === unique.length ? {} : { order },
    };
  }

  /** The layers, from the input to the output. */
  override get layers(): readonly AnyLayer[] {
    return this.#layers as unknown as readonly AnyLayer[];
  }

  /** The layers by the names that their weights have in paths. */
  override get layersByName(): ReadonlyMap<string, AnyLayer> {
    return new Map([...this.#names()].map(([layer, name]) => [name, layer as unknown as AnyLayer]));
  }

  /** The name of each layer; one that stands in several places has one name. */
  #names(): ReadonlyMap<Layer, string> {
    if (this.#known === undefined) {
      const list = [...new Set(this.#layers)];
      const names = uniqueNames(list as unknown as readonly AnyLayer[]);
      this.#known = new Map(list.map((layer, i) => [layer, names[i] ?? layer.kind]));
    }
    return this.#known;
  }

  /** @internal The input and the layers, one after the other. */
  protected override layerCalls(): readonly LayerCall[] {
    const names = this.#names();
    const inputs = this.builtInputs;
    return [
      {
        layer: null,
        name: "input",
        operands: [],
        ...inputs instanceof TensorSpec ? { shape: inputs.axes } : {},
      },
      ...this.#layers.map((layer, i) => ({
        layer: layer as unknown as AnyLayer,
        name: names.get(layer) ?? layer.kind,
        operands: [i],
      })),
    ];
  }

  /** @internal What goes in, where that is known. */
  protected override inputSpecs(): Tree<TensorSpec> | undefined {
    if (this.#layers.length === 0) {
      throw new TypeError(message`Cannot use ${this.title}: it has no layers, add one`);
    }
    const shape = this.inputShape ?? this.#layers[0]?.inputShape;
    return shape === undefined ? undefined : new TensorSpec(shape, this.dtype);
  }
}

function checkInput(title: string, name: string, { inputShape }: Layer, x: Variable): void {
  if (inputShape === undefined || fitsExample(inputShape, x.shape.slice(1))) return;
  throw new TypeError(
    message`Cannot build ${title}: ${name} states inputShape ${describeExampleShape(inputShape)}, it gets ${
      x.shape.slice(1)
    }`,
  );
}

/**
 * Makes a model of layers, one on top of the other.
 *
 * @param layers From the input to the output; more can be added with `add`
 * @param options Name, seed, dtype
 * @throws {RangeError} If the seed is not an integer from 0 up
 *
 * @example
 * ```ts
 * import { dense, sequential } from "@tapegrad/tapegrad/nn";
 * import { sgd } from "@tapegrad/tapegrad/optim";
 *
 * const model = sequential([dense({ units: 1, activation: "sigmoid" })]);
 * model.compile({ optimizer: sgd({ learningRate: 1 }), loss: "binaryCrossentropy" });
 * const { history } = await model.fit([[0], [1], [2], [3]], [0, 0, 1, 1], { epochs: 50 });
 * console.log(history["loss"]!.at(-1)! < history["loss"]![0]!); // true
 * ```
 */
export function sequential(layers: readonly Layer[] = [], options: SequentialOptions = {}): Sequential {
  checkOptions("sequential", options, ["name", "seed", "dtype", "trainable", "inputShape"]);
  return new Sequential(layers, options);
}
