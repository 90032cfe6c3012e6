import type { DType } from "../array/dtype.ts";
import type { Value } from "../array/value.ts";
import type { BatchRule, JointRules, Primitive } from "./primitive.ts";

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
const SAMPLE: LoopRules = {
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
  samples: [{ shapes: [[3]], attributes: SAMPLE }],
};
