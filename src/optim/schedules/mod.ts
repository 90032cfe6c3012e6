/** Schedules of learning rates: functions of the step. */
export {
  constantRate,
  exponentialDecay,
  type ExponentialDecayOptions,
  inverseTimeDecay,
  type InverseTimeDecayOptions,
  linearDecay,
  type LinearDecayOptions,
  piecewise,
  type PiecewiseOptions,
  polynomialDecay,
  type PolynomialDecayOptions,
  stepDecay,
  type StepDecayOptions,
} from "./decays.ts";
export { cyclic, type CyclicOptions, sequence, warmup, type WarmupOptions } from "./combined.ts";
export {
  cosineDecay,
  cosineRestarts,
  type CosineRestartsOptions,
  oneCycle,
  type OneCycleOptions,
} from "./cosines.ts";
export type { NumberSchedule, Schedule } from "./schedule.ts";
