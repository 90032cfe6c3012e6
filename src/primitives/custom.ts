import type { DType } from "../array/dtype.ts";
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
const SAMPLE: CustomRules = {
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
  samples: [{ shapes: [[2, 3]], attributes: SAMPLE }, { shapes: [[]], attributes: SAMPLE }],
};
