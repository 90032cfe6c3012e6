/** Operations whose rules come with each row: a user's derivatives, and loops. */
import type { DType } from "../array/dtype.ts";
import type { Value } from "../array/value.ts";
import type { BatchRule, JointRules, Primitive } from "./primitive.ts";

/** The attributes of {@linkcode custom}: rules of its own. */
export interface CustomRules {
  /** The user's function, for messages. */
  readonly name: string;
  /** The dtype of the result. */
  readonly dtype: DType;
  /** Its derivatives. */
  readonly joint: JointRules<CustomRules>;
  /** How it runs over a batch axis. */
  readonly batch: BatchRule<CustomRules>;
}

/** Passes the only operand through, like an identity, to have something to run in the table tests. */
const CUSTOM_SAMPLE: CustomRules = {
  name: "sample",
  dtype: "float64",
  joint: { vjp: (_, g) => [g], jvp: (_, [dx]) => dx },
  batch: ({ inputs }) => inputs[0]!,
};

/** The last operand, with derivatives by the others that are given rather than derived. */
export const custom: Primitive<"list", CustomRules> = {
  arity: "list",
  shape: (shapes) => shapes[shapes.length - 1]!,
  dtype: ({ dtype }) => dtype,
  forward: (inputs) => inputs[inputs.length - 1]!,
  joint: {
    vjp: (c, g, wanted) => c.attributes.joint.vjp(c, g, wanted),
    jvp: (c, tangents) => c.attributes.joint.jvp(c, tangents),
  },
  batch: (c) => c.attributes.batch(c),
  samples: [{ shapes: [[2, 3]], attributes: CUSTOM_SAMPLE }, { shapes: [[]], attributes: CUSTOM_SAMPLE }],
};

/** The attributes of {@linkcode loop}: what it does at each step, as those who differentiate and compile it know. */
export interface LoopRules {
  /** The number of elements of the result. */
  readonly size: number;
  /** The dtype of the result. */
  readonly dtype: DType;
  /** Takes all steps. */
  run(inputs: readonly Value[]): Value;
  /** Its derivatives. */
  readonly joint: JointRules<LoopRules>;
  /** How it runs over a batch axis. */
  readonly batch: BatchRule<LoopRules>;
}

/** Passes the only operand through, to have something to run in the table tests. */
const LOOP_SAMPLE: LoopRules = {
  size: 3,
  dtype: "float64",
  run: ([x]) => x!,
  joint: { vjp: (_, g) => [g], jvp: (_, [dx]) => dx },
  batch: ({ inputs }) => inputs[0]!,
};

/** A loop of many steps as one operation; its results lie one after the other in one array. */
export const loop: Primitive<"list", LoopRules> = {
  arity: "list",
  shape: (_, { size }) => [size],
  dtype: ({ dtype }) => dtype,
  forward: (inputs, rules) => rules.run(inputs),
  joint: {
    vjp: (c, g, wanted) => c.attributes.joint.vjp(c, g, wanted),
    jvp: (c, tangents) => c.attributes.joint.jvp(c, tangents),
  },
  batch: (c) => c.attributes.batch(c),
  samples: [{ shapes: [[3]], attributes: LOOP_SAMPLE }],
};
