import type { DType } from "../../array/dtype.ts";
import type { Shape } from "../../array/shape.ts";
import type { Key } from "../../random/mod.ts";
import type { Variable } from "../../variable/mod.ts";
import type { ConstraintArgument } from "../constraints.ts";
import type { InitializerArgument } from "../initializers.ts";
import type { RegularizerArgument } from "../regularizers.ts";
import type { Layer } from "./layer.ts";

/** What a parameter has beside its start values. */
export interface ParameterOptions {
  /** Added to the loss for it. */
  readonly regularizer?: RegularizerArgument | undefined;
  /** Applied to it after each update. */
  readonly constraint?: ConstraintArgument | undefined;
}

/** What a layer gets beside its input: it hands out parameters, state, randomness and the layers within. */
export interface Context {
  /** Whether this is a step of training. */
  readonly training: boolean;
  /** False inside a frozen layer. */
  readonly trainable: boolean;
  /** The element type of parameters and state. */
  readonly dtype: DType;
  /**
   * A parameter, which is trained.
   *
   * @param name Without `/`, one of its own in this layer
   * @param initializer A name, function or number; `"glorotUniform"` by default
   * @throws {TypeError} If the name was used with another shape
   */
  parameter(
    name: string,
    shape: Shape,
    initializer?: InitializerArgument,
    options?: ParameterOptions,
  ): Variable;
  /** A value that is kept between calls and not trained, as it was before this call; `"zeros"` at first. */
  state(name: string, shape: Shape, initializer?: InitializerArgument): Variable;
  /**
   * Says what a state is after this call.
   *
   * @throws {TypeError} If there is no such state, its shape differs, or this is the step of a loop or transform
   */
  update(name: string, value: Variable): void;
  /**
   * A key for random numbers, another one at each request, and at each step of training.
   *
   * @throws {TypeError} If there is none (outside of training), or this is the step of a loop or transform
   */
  key(): Key;
  /**
   * Calls a layer within this one. The same layer called twice has the same parameters.
   *
   * @param name Part of the paths of its parameters; by default its own name or its kind, numbered
   */
  call<I, O>(layer: Layer<I, O>, x: I, name?: string): O;
  /**
   * Adds a number to the loss.
   *
   * @throws {TypeError} If this is the step of a loop or transform
   */
  addLoss(value: Variable): void;
}
