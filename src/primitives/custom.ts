import type { DType } from "../array/dtype.ts";
import type { BatchRule, JointRules, Primitive, RuleContext } from "./primitive.ts";

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

/** What a row passed back last, as the operands ask for it one by one. */
const pulled = new WeakMap<object, { readonly g: unknown; readonly cotangents: readonly unknown[] }>();

function pullOnce<T>(c: RuleContext<T, CustomRules>, g: T): readonly (T | undefined)[] {
  const before = pulled.get(c);
  if (before !== undefined && before.g === g) return before.cotangents as readonly (T | undefined)[];
  const cotangents = c.attributes.joint.vjp(c, g);
  pulled.set(c, { g, cotangents });
  return cotangents;
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
  name: "custom",
  arity: "list",
  shape: (shapes) => shapes[shapes.length - 1]!,
  dtype: ({ dtype }) => dtype,
  forward: (inputs) => inputs[inputs.length - 1]!,
  // Undefined stands for no cotangent.
  vjp: [<T>(c: RuleContext<T, CustomRules>, g: T, k: number): T => pullOnce(c, g)[k] as T],
  jvp: [
    (c, dx, k) =>
      c.attributes.joint.jvp(c, c.inputs.map((_, i) => i === k ? dx : undefined)) ?? c.ops.mul(dx, 0),
  ],
  joint: {
    vjp: (c, g) => pullOnce(c, g),
    jvp: (c, tangents) => c.attributes.joint.jvp(c, tangents),
  },
  batch: (c) => c.attributes.batch(c),
  samples: [{ shapes: [[2, 3]], attributes: SAMPLE }, { shapes: [[]], attributes: SAMPLE }],
};
