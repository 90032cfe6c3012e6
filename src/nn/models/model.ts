import { writeBytes } from "../../_internal/files.ts";
import { describeValue } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import { checkOptions, readInteger } from "../../_internal/readers/mod.ts";
import { checkDType, type DType } from "../../array/dtype.ts";
import type { Weights } from "../../optim/mod.ts";
import { type Key, key as makeKey } from "../../random/mod.ts";
import { constant, type Operand, type Tree } from "../../variable/mod.ts";
import type { History, Logs, TrainedModel } from "../callbacks/callback.ts";
import type { Context } from "../core/context.ts";
import type { Json } from "../core/description.ts";
import { type AnyLayer, Layer, type LayerOptions } from "../core/layer.ts";
import { findLayer } from "../core/names.ts";
import { type Data, type ExampleShape, readExampleShape, TensorSpec } from "../core/spec.ts";
import {
  type CompileOptions,
  type ReadCompileOptions,
  readCompileOptions,
} from "../training/compile_options.ts";
import {
  type BatchIterable,
  type ClassWeight,
  type DataPlan,
  readExamples,
  shapeOfExamples,
} from "../training/data.ts";
import { evaluateArrays, evaluateIterable, fitModel, type MeasureOptions } from "../training/fit.ts";
import type { FitOptions } from "../training/options.ts";
import { Predictor } from "../training/predict.ts";
import { copyState, type ModelState, readState } from "../training/state.ts";
import { Trainer } from "../training/trainer.ts";
import { type LayerCall, layerGraph, type LayerNode } from "./layer_graph.ts";
import type { ModelOptions } from "./model_options.ts";
import { encodeModel, type SaveOptions } from "./model_file.ts";
import {
  buildWeights,
  type Built,
  copyWeights,
  frozenOf,
  type GivenWeights,
  outputShapes,
  planWeights,
  replaceWeights,
  type StoredWeights,
} from "./store.ts";
import { summarize } from "./summary.ts";

/** Layers with weights, that can be trained; a layer itself, which starts in other models with its weights. */
export abstract class Model<I, O> extends Layer<I, O> {
  /** The element type of weights and data. */
  readonly dtype: DType;
  /** The seed that it was made with. */
  readonly seed: number;
  /** What is kept with the model in files, as JSON: names of classes, a scaler and the like. */
  metadata: { [name: string]: Json } = {};
  readonly #key: Key;
  #built: Built | undefined;
  #options: ReadCompileOptions | undefined;
  #frozen: ReadonlySet<AnyLayer> | undefined;
  #trainer: Trainer | undefined;
  #predictor: Predictor | undefined;

  /** @internal Use `sequential` or `model`. */
  constructor(
    kind: string,
    { seed = 0, dtype = "float32", ...options }: ModelOptions & LayerOptions,
    call: (x: I, context: Context) => O,
  ) {
    super(kind, { ...options, ...seed === 0 ? {} : { seed }, ...dtype === "float32" ? {} : { dtype } }, call);
    this.dtype = checkDType(dtype);
    this.seed = readInteger(kind, "the option seed", seed, 0);
    this.#key = makeKey(seed);
  }

  /** The layers by the names that their weights have in paths. */
  abstract get layersByName(): ReadonlyMap<string, AnyLayer>;

  /** @internal Inputs and calls of layers, in order. */
  protected abstract layerCalls(): readonly LayerCall[];

  /** @internal What goes in, where that is known before data are seen. */
  protected abstract inputSpecs(): Tree<TensorSpec> | undefined;

  /** The layers, in the order in which they are called. */
  get layers(): readonly AnyLayer[] {
    return [...this.layersByName.values()];
  }

  /**
   * The layer of a name.
   *
   * @throws {RangeError} If there is none
   */
  getLayer(name: string): AnyLayer {
    return findLayer(this.title, this.layersByName, name);
  }

  /** The name in messages. */
  protected get title(): string {
    return this.name ?? this.kind;
  }

  /** @internal What goes in, once the model is built. */
  get builtInputs(): Tree<TensorSpec> | undefined {
    return this.#built?.inputs;
  }

  /**
   * Makes the start weights. `fit` does it by itself.
   *
   * @param inputShape The shape of one example, without the batch axis; not needed where it is stated
   * @throws {TypeError} If the shape is not known, or layers do not fit together
   */
  build(inputShape?: ExampleShape): this {
    const specs = this.#specs(inputShape);
    this.#built = buildWeights(this as unknown as AnyLayer, specs, this.#key, this.dtype);
    this.#trainer = undefined;
    this.#predictor = undefined;
    return this;
  }

  /**
   * @internal The weights that it has for its inputs: only their shapes count, none is made.
   *
   * @param mostNumbers How many numbers they may have together
   */
  plan(mostNumbers: number): StoredWeights {
    return planWeights(this as unknown as AnyLayer, this.#specs(), this.dtype, mostNumbers);
  }

  /** @internal Takes over weights that were saved, which have the names and shapes of {@linkcode plan}. */
  restore(weights: StoredWeights): void {
    this.#built = buildWeights(this as unknown as AnyLayer, this.#specs(), this.#key, this.dtype, weights);
    this.#trainer = undefined;
    this.#predictor = undefined;
  }

  /** What goes in; throws where that is not known. */
  #specs(inputShape?: ExampleShape): Tree<TensorSpec> {
    const known = this.inputSpecs();
    if (known !== undefined) return known;
    if (inputShape !== undefined) return new TensorSpec(readExampleShape("build", inputShape), this.dtype);
    throw new TypeError(
      message`Cannot build ${this.title}: the shape of an example is not known, pass it or state the first layer's
      inputShape`,
    );
  }

  /** What is known of the model, with the weights as they are. */
  #current(): Built {
    this.#ready().settle();
    return this.#ready();
  }

  /** What is known of the model; the weights may have been trained further. */
  #ready(): Built {
    if (this.#built === undefined && this.inputSpecs() !== undefined) this.build();
    if (this.#built === undefined) {
      throw new TypeError(
        message`Cannot use ${this.title}: it has no parameters yet, call build(inputShape) or fit() first`,
      );
    }
    return this.#built;
  }

  /** Copies of the parameters, by path. Throws a TypeError before `build`. */
  get parameters(): Weights {
    return copyWeights(this.#current().parameters);
  }

  /** Copies of what is kept beside parameters, such as moving means, by path. Throws a TypeError before `build`. */
  get state(): Weights {
    return copyWeights(this.#current().state);
  }

  /** Copies of parameters and state, by path: the names of the layers that lead to each, joined by `/`. */
  getWeights(): Weights {
    return { ...this.parameters, ...this.state };
  }

  /**
   * Replaces weights; those that are not given stay. The optimizer goes on as it was.
   *
   * @param weights Variables or numbers by path, as {@linkcode getWeights} gives them; read in the model's dtype
   * @throws {TypeError} If one is unknown or of another shape
   */
  setWeights(weights: GivenWeights): void {
    this.#replace(weights, "none");
  }

  /**
   * Replaces all parameters.
   *
   * @param parameters Variables or numbers by path; read in the model's dtype
   * @throws {TypeError} If one is missing, unknown or of another shape
   */
  setParameters(parameters: GivenWeights): void {
    this.#replace(parameters, "parameters");
  }

  #replace(weights: GivenWeights, required: "none" | "parameters" | "all"): void {
    replaceWeights(this.title, this.#current(), weights, required);
    this.#trainer?.reload();
  }

  /**
   * Says what to train with; the optimizer starts afresh. Which layers are trained is read here, too.
   *
   * @throws {TypeError} If an option is unknown, or no native library may be called as `blas` asks for
   * @throws {RangeError} If a name is unknown, or there is no such library
   */
  compile(options: CompileOptions): void {
    this.#options = readCompileOptions(options);
    this.#built?.settle();
    this.#trainer = this.#predictor = undefined;
    this.#frozen = this.#built === undefined ? undefined : frozenOf(this.#built);
    if (this.#built !== undefined) this.#training();
  }

  /** What the model was compiled with; undefined before. */
  get compileOptions(): CompileOptions | undefined {
    return this.#options?.given;
  }

  /** What trains the model, once it is built. */
  #training(): Trainer {
    if (this.#options === undefined) {
      throw new TypeError(
        message`Cannot train or evaluate ${this.title}: call compile({ optimizer, loss }) first`,
      );
    }
    const built = this.#ready();
    return this.#trainer ??= new Trainer(
      { layer: this as unknown as AnyLayer, dtype: this.dtype, key: this.#key },
      this.#options,
      built,
      this.#frozen ??= frozenOf(built),
    );
  }

  /** Builds the model for examples if need be. */
  #trainingFor(x: unknown): Trainer {
    if (this.#options === undefined) return this.#training();
    if (this.#built === undefined && this.inputSpecs() === undefined) {
      this.build(shapeOfExamples(this.title, x));
    }
    return this.#training();
  }

  #dataPlan(): DataPlan {
    const { inputs, outputs } = this.#ready();
    const shapesFor = outputShapes(this as unknown as AnyLayer, inputs, this.dtype);
    return { title: this.title, dtype: this.dtype, inputs, outputs, shapesFor };
  }

  /**
   * Trains the model. The numbers of an epoch are over all its examples, each batch taken before its update.
   *
   * @param x Examples, `[rows, ...]`, in the structure of the model's input; read in its dtype
   * @param y Labels, in the structure of the model's output
   * @param options Epochs, batch size, validation, callbacks
   * @returns The loss, and what else is measured, for each epoch
   * @throws {TypeError} If the model is not compiled, or shapes do not fit
   * @throws {RangeError} If an option or label is out of range, or the loss becomes NaN or infinite
   */
  fit(x: Data<I>, y: Data<O>, options?: FitOptions<Data<I>, Data<O>>): Promise<History>;
  /** Trains the model on an iterable of batches `[x, y]`, which starts anew for each epoch. */
  fit(batches: BatchIterable, options?: FitOptions<Data<I>, Data<O>>): Promise<History>;
  fit(x: unknown, y: unknown, options?: FitOptions<unknown, unknown>): Promise<History> {
    const target = {
      title: this.title,
      model: this as unknown as TrainedModel,
      epochs: this.#trainer?.epochs ?? 0,
      trainerFor: (examples: unknown) => this.#trainingFor(examples),
      dataPlan: () => this.#dataPlan(),
    };
    return fitModel(target, x, y, options);
  }

  /**
   * Takes one step of training.
   *
   * @returns The loss of the batch, and metrics, before the update
   * @throws {TypeError} If it is not compiled, or shapes do not fit
   */
  trainOnBatch(
    x: Data<I>,
    y: Data<O>,
    options: { readonly sampleWeight?: Operand; readonly classWeight?: ClassWeight } = {},
  ): Logs {
    checkOptions("trainOnBatch", options, ["sampleWeight", "classWeight"]);
    const trainer = this.#trainingFor(x);
    const weights = [options.sampleWeight, options.classWeight] as const;
    const examples = readExamples(this.#dataPlan(), trainer.plans, x, y, ...weights);
    return trainer.logs(trainer.step(examples, true, undefined).totals, false);
  }

  /**
   * Measures loss and metrics on examples and labels.
   *
   * @param x Examples, `[rows, ...]`; read in the model's dtype
   * @param y Labels
   * @param options The size of batches (32 by default), weights
   * @returns `{ loss, accuracy }`
   * @throws {TypeError} If the model is not compiled or built, or shapes do not fit
   * @throws {RangeError} If a label is out of range
   */
  evaluate(x: Data<I>, y: Data<O>, options?: MeasureOptions): Logs;
  /** Measures loss and metrics on an iterable of batches. */
  evaluate(batches: BatchIterable, options?: MeasureOptions): Promise<Logs>;
  evaluate(x: unknown, y?: unknown, options?: MeasureOptions): Logs | Promise<Logs> {
    const [trainer, plan] = [this.#training(), this.#dataPlan()];
    return evaluateIterable(trainer, plan, x, y) ?? evaluateArrays(trainer, plan, x, y, options);
  }

  /**
   * The model's output for examples `[rows, ...]`.
   *
   * @param options The number of examples at a time; 32 by default
   * @throws {TypeError} If the model is not built, or the shape does not fit
   */
  predict(x: Data<I>, options: { readonly batchSize?: number } = {}): O {
    checkOptions("predict", options, ["batchSize"]);
    const built = this.#ready();
    this.#predictor ??= new Predictor(this as unknown as AnyLayer, this.dtype, this.#options?.blas);
    const trainer = this.#trainer;
    return this.#predictor.run(this.#dataPlan(), x, {
      batchSize: options.batchSize,
      compile: this.#options?.compile,
      withWeights: (f) => trainer?.withWeights(f) ?? f(built.parameters, built.state),
    }) as O;
  }

  /** The factor of the optimizer's learning rate, or the rate itself where that is a number. */
  get learningRate(): number {
    return this.#training().rate;
  }

  set learningRate(rate: number) {
    if (!(typeof rate === "number" && rate >= 0 && rate < Infinity)) {
      throw new RangeError(
        message`Cannot set the learning rate to ${describeValue(rate)}: use a finite number from
        0 up`,
      );
    }
    const trainer = this.#training();
    trainer.optimizer = { ...trainer.optimizer, rate: constant(rate) };
  }

  /** Copies of everything that training has changed, as one tree; going on from it gives the same bits. */
  trainingState(): ModelState {
    const trainer = this.#training();
    return copyState(this.#current(), trainer.optimizer, trainer.epochs, this.seed);
  }

  /**
   * Goes on from a state of training.
   *
   * @param state What {@linkcode trainingState} gave, of a model with the same layers and optimizer
   * @throws {TypeError} If it does not fit
   */
  setTrainingState(state: ModelState): void {
    const trainer = this.#training();
    const read = readState(this.title, state, trainer.optimizer, this.seed);
    this.#replace({ ...read.parameters, ...read.state }, "all");
    trainer.optimizer = read.optimizer;
    trainer.epochs = read.epochs;
  }

  /**
   * The model as the bytes of a safetensors file, with its training if that is wanted; `loadModel` of
   * `@tapegrad/tapegrad/io` reads it back.
   *
   * @throws {TypeError} If the model has no weights yet, or something in it has no name to be written by
   */
  toBytes(options?: SaveOptions): Uint8Array<ArrayBuffer> {
    return encodeModel(this as unknown as Model<unknown, unknown>, options);
  }

  /**
   * Saves the model as one safetensors file; see {@linkcode toBytes}. The old file stays whole until the new one is
   * written. Needs read and write permission.
   *
   * @param path The file
   * @throws {TypeError} As {@linkcode toBytes}
   */
  async save(path: string | URL, options?: SaveOptions): Promise<void> {
    await writeBytes(path, this.toBytes(options));
  }

  /** Inputs and calls of layers in order, with shapes and sizes, for pictures. Throws a TypeError before `build`. */
  layerGraph(): readonly LayerNode[] {
    return layerGraph(this.layerCalls(), this.#ready());
  }

  /** Layers, output shapes and numbers of parameters, as a table. Throws a TypeError before `build`. */
  summary(): string {
    return summarize(`${this.title} (${this.dtype})`, this.layersByName, this.#ready());
  }
}
