/** Function transforms: a function in, its derivative out. */
export { type BlasChoice, type ProgramStats, useBlas } from "../compiler/mod.ts";
export {
  compile,
  type Compiled,
  type CompiledLoops,
  type CompiledMethods,
  type CompileOptions,
} from "./compile/compile.ts";
export type { StateLoop } from "./compile/state_loop.ts";
export type { CallsOf, Plain, PlainCalls } from "./compile/types.ts";
export {
  grad,
  type Gradients,
  type GradOptions,
  type HasVariable,
  type LoweredArguments,
  valueAndGrad,
  type ValueOf,
} from "./grad.ts";
export { checkpoint, checkpointLoop } from "./checkpoint.ts";
export { customJvp, customVjp, type CustomVjpRules } from "./custom.ts";
export { hessian, type HessianBy, type HessianFunction, hvp, type HvpFunction } from "./hessian.ts";
export {
  jacobian,
  type JacobianBy,
  jacobianForward,
  type JacobianFunction,
  type JacobianOptions,
  jacobianReverse,
} from "./jacobian/jacobian.ts";
export {
  jacobianSparse,
  type JacobianSparseOptions,
  type SparseJacobian,
} from "./jacobian/jacobian_sparse.ts";
export type { SparsityPattern } from "./jacobian/sparsity.ts";
export { type DirectionalOptions, jvp, linearize, type Pullback, vjp } from "./directional.ts";
export { scan, type ScanStep } from "./loops/scan.ts";
export { type MappedAxes, vmap, type VmapOptions } from "./vmap.ts";
export { debugNans, type DebugSetting } from "../tape/mod.ts";
export type {
  GradFunction,
  Gradient,
  Jacobian,
  Like,
  Lowered,
  TakesNumbers,
  ValueAndGradFunction,
  Variables,
} from "./core/types.ts";
export { whileLoop } from "./loops/while_loop.ts";
