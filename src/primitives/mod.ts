/** The primitives, their rules, and the algebras the rules are written in. */
export { eagerOps, makeOps, numberOf, Operation, operation, operations, shapeOfValue } from "./operation.ts";
export type { CustomRules } from "./custom.ts";
export type { LoopRules } from "./loop.ts";
export type {
  Arity,
  Attributes,
  BatchContext,
  BatchRule,
  JointRules,
  Ops,
  Primitive,
  PrimitiveName,
  Rule,
  RuleContext,
  Sample,
} from "./primitive.ts";
export { computeScalar } from "./scalar_code.ts";
