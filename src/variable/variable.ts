import { readAxis, readShape } from "../_internal/readers/mod.ts";
import { message } from "../_internal/message.ts";
import { formatShape } from "../_internal/format.ts";
import { checkDType, type DType, type FloatArray, type NumericArray, roundTo } from "../array/dtype.ts";
import type { Value } from "../array/value.ts";
import { arrayFrom, fullArray, NdArray, type NestedNumbers } from "../array/nd_array.ts";
import { SCALAR, type Shape } from "../array/shape.ts";
import { operation as op } from "../primitives/mod.ts";
import { dropWalked, reverseWalk, tape } from "../tape/mod.ts";
import {
  geluOf,
  multiplyMatrices,
  permuteAxes,
  reduction,
  reshapeTo,
  sigmoidLoss,
  sliceFrom,
  softmaxLoss,
  softshrinkOf,
} from "./_methods.ts";
import type {
  AxisOptions,
  EluOptions,
  GeluOptions,
  HardTanhOptions,
  LeakyReluOptions,
  LossOptions,
  ReductionArgument,
  SoftshrinkOptions,
} from "./options.ts";
import {
  apply,
  binary,
  isWeak,
  registerHandle,
  rowOf,
  toVariable,
  toVariables,
  unary,
  untracked,
  zerosLike,
} from "./apply.ts";

export { reduceLoss } from "./_methods.ts";
export type {
  AxisOptions,
  EluOptions,
  GeluOptions,
  HardTanhOptions,
  LeakyReluOptions,
  LossOptions,
  ReductionArgument,
  ReductionOptions,
  SoftshrinkOptions,
} from "./options.ts";
export {
  apply,
  binary,
  handleOf,
  plainValue,
  rowOf,
  toVariable,
  toVariables,
  unary,
  untracked,
  zerosLike,
} from "./apply.ts";

/** Anything that numbers can be read from. */
export type ArrayLike = NestedNumbers | NumericArray | NdArray;

/** What an operation takes: a Variable, or numbers, which take the dtype of the other operands. */
export type Operand = Variable | ArrayLike;

/**
 * A value that operations can be done on: a number or an array of any rank, with a row on the tape when
 * derivatives by it are wanted. Its value never changes, but a trainable Variable can be given a new one.
 *
 * @example
 * ```ts
 * import { variable } from "@tapegrad/tapegrad";
 *
 * const w = variable([1, 2], { name: "w" });
 * w.square().sum().backward();
 * console.log(w.grad?.value); // [2, 4]
 * ```
 */
export class Variable {
  /** @internal The row on the tape, -1 for none. */
  row: number;
  /** @internal The generation of that row. */
  stamp: number;
  /** @internal The value of a rank-0 Variable. */
  number: number;
  /** @internal The value of any other. */
  array: NdArray | null;
  /** The element type. */
  readonly dtype: DType;
  /** @internal Name and state of a trainable Variable, name of a constant. */
  readonly state: VariableState | null;

  /** @internal Use `variable` or `constant`. */
  constructor(value: Value, dtype: DType, row: number, state: VariableState | null = null) {
    this.row = row;
    this.stamp = tape.generation;
    if (typeof value === "number") {
      this.number = value;
      this.array = null;
    } else {
      this.number = 0;
      this.array = value.keep();
    }
    this.dtype = dtype;
    this.state = state;
  }

  /** The lengths of the axes; `[]` for a number. */
  get shape(): Shape {
    return this.array === null ? SCALAR : this.array.shape;
  }

  /** The number of axes. */
  get rank(): number {
    return this.shape.length;
  }

  /** The number of elements. */
  get size(): number {
    return this.array === null ? 1 : this.array.size;
  }

  /** The name it was given. */
  get name(): string | undefined {
    return this.state?.name;
  }

  /** Whether `backward` fills {@linkcode grad}. */
  get trainable(): boolean {
    return this.state?.trainable ?? false;
  }

  /** The value: a number for rank 0, else numbers in arrays in arrays. */
  get value(): NestedNumbers {
    checkRead(this, ".value");
    return this.array === null ? this.number : this.array.toNested();
  }

  /** A copy of the elements, row after row. */
  get data(): FloatArray {
    checkRead(this, ".data");
    return this.toArray().data.slice();
  }

  /** The value as an array; its buffer is shared and must not be written to. */
  toArray(): NdArray {
    checkRead(this, ".toArray()");
    return this.array?.keep() ?? fullArray(SCALAR, this.number, this.dtype);
  }

  /**
   * The only element as a number.
   *
   * @throws {TypeError} If there are several
   */
  item(): number {
    checkRead(this, ".item()");
    return onlyElement(this);
  }

  /** Whether the only element is not 0. */
  truthy(): boolean {
    checkRead(this, ".truthy()");
    return onlyElement(this) !== 0;
  }

  /** The derivatives that `backward` has added up for a trainable Variable; null before the first. */
  get grad(): Variable | null {
    const gradient = this.state?.gradient ?? null;
    return gradient === null ? null : untracked(gradient, this.dtype);
  }

  /** Sets {@linkcode grad} to zeros. */
  zeroGrad(): void {
    this.#trainableState("zeroGrad").gradient = zerosLike(this);
  }

  /**
   * Gives a trainable Variable a new value; rows recorded with the old one keep it.
   *
   * @param value Of the same shape; read in this Variable's dtype
   * @throws {TypeError} If the Variable is not trainable, or the shape differs
   */
  assign(value: Operand): this {
    this.#trainableState("assign");
    const array = (value instanceof Variable ? value.toArray() : arrayFrom(value)).cast(this.dtype);
    if (formatShape(array.shape) !== formatShape(this.shape)) {
      throw new TypeError(
        message`Cannot assign to ${this.name ?? "a Variable"}: its shape is ${this.shape},
        the new value has ${array.shape}`,
      );
    }
    if (this.array === null) this.number = array.data[0]!;
    else this.array = value instanceof NdArray ? array.clone() : array;
    this.row = -1;
    return this;
  }

  /**
   * Adds the derivatives of this rank-0 Variable to the `grad` of every trainable Variable it was computed
   * from, then drops the rows of its graph from the tape; graphs that have nothing in common with it but trainable
   * Variables stay, for walks of their own.
   *
   * @param options.retainTape Keeps the rows, for another walk or for printing
   * @throws {TypeError} If it is not of rank 0, was not recorded, or a function is being differentiated
   */
  backward({ retainTape = false }: { readonly retainTape?: boolean } = {}): void {
    if (this.array !== null) {
      throw new TypeError(
        message`Cannot walk backward from shape ${this.shape}: only a number has a
        gradient, reduce it with sum() or mean()`,
      );
    }
    if (tape.depth > 0) {
      throw new TypeError(
        "Cannot walk backward inside a function being differentiated: nest grad() instead",
      );
    }
    const row = rowOf(this);
    if (row < 0) {
      throw new TypeError(
        "Cannot walk backward: the value was not computed from a trainable Variable; make one with variable()",
      );
    }
    const adjoints = reverseWalk(tape, 0, row, 1, retainTape);
    tape.ownerRows.forEach((ownerRow, i) => {
      const part = ownerRow <= row ? adjoints.at(ownerRow) : undefined;
      if (part === undefined) return;
      const owner = tape.owners[i] as Variable;
      const state = owner.state!;
      const before = state.gradient;
      state.gradient = before === null
        ? part
        : typeof part === "number"
        ? roundTo(owner.dtype, before as number + part)
        : op.add.evaluate([before, part], undefined, owner.dtype);
    });
    if (retainTape) tape.adjoints = adjoints;
    else dropWalked(tape, row, adjoints);
  }

  #trainableState(what: string): VariableState {
    tape.guard?.write(`.${what}()`);
    if (this.state?.trainable) return this.state;
    throw new TypeError(
      message`Cannot call ${what}() on this Variable: it is not trainable; make one with
      variable()`,
    );
  }

  /** See the function `add`. */
  add(y: Operand): Variable {
    return binary(op.add, this, y);
  }
  /** See the function `sub`. */
  sub(y: Operand): Variable {
    return binary(op.sub, this, y);
  }
  /** See the function `mul`. */
  mul(y: Operand): Variable {
    return binary(op.mul, this, y);
  }
  /** See the function `div`. */
  div(y: Operand): Variable {
    return binary(op.div, this, y);
  }
  /** See the function `pow`. */
  pow(y: Operand): Variable {
    return binary(op.pow, this, y);
  }
  /** See the function `neg`. */
  neg(): Variable {
    return unary(op.neg, this);
  }
  /** See the function `exp`. */
  exp(): Variable {
    return unary(op.exp, this);
  }
  /** See the function `log`. */
  log(): Variable {
    return unary(op.log, this);
  }
  /** See the function `log1p`. */
  log1p(): Variable {
    return unary(op.log1p, this);
  }
  /** See the function `expm1`. */
  expm1(): Variable {
    return unary(op.expm1, this);
  }
  /** See the function `sqrt`. */
  sqrt(): Variable {
    return unary(op.sqrt, this);
  }
  /** See the function `square`. */
  square(): Variable {
    return unary(op.square, this);
  }
  /** See the function `abs`. */
  abs(): Variable {
    return unary(op.abs, this);
  }
  /** See the function `sign`. */
  sign(): Variable {
    return unary(op.sign, this);
  }
  /** See the function `sin`. */
  sin(): Variable {
    return unary(op.sin, this);
  }
  /** See the function `cos`. */
  cos(): Variable {
    return unary(op.cos, this);
  }
  /** See the function `tan`. */
  tan(): Variable {
    return unary(op.tan, this);
  }
  /** See the function `tanh`. */
  tanh(): Variable {
    return unary(op.tanh, this);
  }
  /** See the function `sigmoid`. */
  sigmoid(): Variable {
    return unary(op.sigmoid, this);
  }
  /** See the function `relu`. */
  relu(): Variable {
    return unary(op.relu, this);
  }
  /** See the function `softplus`. */
  softplus(): Variable {
    return unary(op.softplus, this);
  }
  /** See the function `logSigmoid`. */
  logSigmoid(): Variable {
    return this.neg().softplus().neg();
  }
  /** See the function `reciprocal`. */
  reciprocal(): Variable {
    return binary(op.div, 1, this);
  }
  /** See the function `rsqrt`. */
  rsqrt(): Variable {
    return unary(op.rsqrt, this);
  }
  /** See the function `cbrt`. */
  cbrt(): Variable {
    return unary(op.cbrt, this);
  }
  /** See the function `exp2`. */
  exp2(): Variable {
    return unary(op.exp2, this);
  }
  /** See the function `log2`. */
  log2(): Variable {
    return unary(op.log2, this);
  }
  /** See the function `log10`. */
  log10(): Variable {
    return unary(op.log10, this);
  }
  /** See the function `floor`. */
  floor(): Variable {
    return unary(op.floor, this);
  }
  /** See the function `ceil`. */
  ceil(): Variable {
    return unary(op.ceil, this);
  }
  /** See the function `trunc`. */
  trunc(): Variable {
    return unary(op.trunc, this);
  }
  /** See the function `round`. */
  round(): Variable {
    return unary(op.round, this);
  }
  /** See the function `asin`. */
  asin(): Variable {
    return unary(op.asin, this);
  }
  /** See the function `acos`. */
  acos(): Variable {
    return unary(op.acos, this);
  }
  /** See the function `atan`. */
  atan(): Variable {
    return unary(op.atan, this);
  }
  /** See the function `sinh`. */
  sinh(): Variable {
    return unary(op.sinh, this);
  }
  /** See the function `cosh`. */
  cosh(): Variable {
    return unary(op.cosh, this);
  }
  /** See the function `asinh`. */
  asinh(): Variable {
    return unary(op.asinh, this);
  }
  /** See the function `acosh`. */
  acosh(): Variable {
    return unary(op.acosh, this);
  }
  /** See the function `atanh`. */
  atanh(): Variable {
    return unary(op.atanh, this);
  }
  /** See the function `erf`. */
  erf(): Variable {
    return unary(op.erf, this);
  }
  /** See the function `erfc`. */
  erfc(): Variable {
    return unary(op.erfc, this);
  }
  /** See the function `erfinv`. */
  erfinv(): Variable {
    return unary(op.erfinv, this);
  }
  /** See the function `lgamma`. */
  lgamma(): Variable {
    return unary(op.lgamma, this);
  }
  /** See the function `softsign`. */
  softsign(): Variable {
    return unary(op.softsign, this);
  }
  /** See the function `logit`. */
  logit(): Variable {
    return unary(op.logit, this);
  }
  /** See the function `digamma`. */
  digamma(): Variable {
    return apply(op.polygamma, [0, this], undefined);
  }
  /** See the function `sinc`. */
  sinc(): Variable {
    return apply(op.sincDerivative, [0, this], undefined);
  }
  /** See the function `atan2`. */
  atan2(x: Operand): Variable {
    return binary(op.atan2, this, x);
  }
  /** See the function `hypot`. */
  hypot(y: Operand): Variable {
    return binary(op.hypot, this, y);
  }
  /** See the function `logAddExp`. */
  logAddExp(y: Operand): Variable {
    return binary(op.logAddExp, this, y);
  }
  /** See the function `mod`. */
  mod(y: Operand): Variable {
    return binary(op.mod, this, y);
  }
  /** See the function `xlogy`. */
  xlogy(y: Operand): Variable {
    return binary(op.xlogy, this, y);
  }
  /** See the function `clip`. */
  clip(min: Operand, max: Operand): Variable {
    if (typeof min === "number" && typeof max === "number" && min > max) {
      throw new RangeError(message`Cannot clip to ${min} .. ${max}: the lower bound is above the upper, swap
        them`);
    }
    return apply(op.clip, [this, min, max], undefined);
  }
  /** See the function `lerp`. */
  lerp(end: Operand, weight: Operand): Variable {
    const [start, last, w] = toVariables(this, end, weight) as [Variable, Variable, Variable];
    return start.mul(binary(op.sub, 1, w)).add(last.mul(w));
  }
  /** See the function `isNan`. */
  isNan(): Variable {
    return this.ne(this);
  }
  /** See the function `isFinite`. */
  isFinite(): Variable {
    return this.abs().lt(Infinity);
  }
  /** See the function `logicalNot`. */
  logicalNot(): Variable {
    return this.eq(0);
  }
  /** See the function `logicalAnd`. */
  logicalAnd(y: Operand): Variable {
    return this.ne(0).mul(toVariable(y, isWeak(y) ? this.dtype : undefined).ne(0));
  }
  /** See the function `logicalOr`. */
  logicalOr(y: Operand): Variable {
    return this.ne(0).maximum(toVariable(y, isWeak(y) ? this.dtype : undefined).ne(0));
  }
  /** See the function `logicalXor`. */
  logicalXor(y: Operand): Variable {
    return this.ne(0).ne(toVariable(y, isWeak(y) ? this.dtype : undefined).ne(0));
  }
  /** See the function `relu6`. */
  relu6(): Variable {
    return this.ge(6).where(6, this.relu());
  }
  /** See the function `leakyRelu`. */
  leakyRelu({ negativeSlope = 0.01 }: LeakyReluOptions = {}): Variable {
    return binary(op.leakyRelu, this, negativeSlope);
  }
  /** See the function `prelu`. */
  prelu(slope: Operand): Variable {
    return binary(op.leakyRelu, this, slope);
  }
  /** See the function `elu`. */
  elu({ alpha = 1 }: EluOptions = {}): Variable {
    return binary(op.elu, this, alpha);
  }
  /** See the function `selu`. */
  selu(): Variable {
    return binary(op.elu, this, 1.6732632423543772).mul(1.0507009873554805);
  }
  /** See the function `gelu`. */
  gelu(options?: GeluOptions): Variable {
    return geluOf(this, options);
  }
  /** See the function `silu`. */
  silu(): Variable {
    return this.mul(this.sigmoid());
  }
  /** See the function `mish`. */
  mish(): Variable {
    return this.mul(this.softplus().tanh());
  }
  /** See the function `hardSigmoid`. */
  hardSigmoid(): Variable {
    return this.add(3).relu6().div(6);
  }
  /** See the function `hardTanh`. */
  hardTanh({ min = -1, max = 1 }: HardTanhOptions = {}): Variable {
    return this.clip(min, max);
  }
  /** See the function `softshrink`. */
  softshrink(options?: SoftshrinkOptions): Variable {
    return softshrinkOf(this, options);
  }
  /** See the function `tanhshrink`. */
  tanhshrink(): Variable {
    return this.sub(this.tanh());
  }
  /** See the function `maximum`. */
  maximum(y: Operand): Variable {
    return binary(op.maximum, this, y);
  }
  /** See the function `minimum`. */
  minimum(y: Operand): Variable {
    return binary(op.minimum, this, y);
  }
  /** See the function `eq`. */
  eq(y: Operand): Variable {
    return binary(op.eq, this, y);
  }
  /** See the function `ne`. */
  ne(y: Operand): Variable {
    return binary(op.ne, this, y);
  }
  /** See the function `lt`. */
  lt(y: Operand): Variable {
    return binary(op.lt, this, y);
  }
  /** See the function `le`. */
  le(y: Operand): Variable {
    return binary(op.le, this, y);
  }
  /** See the function `gt`. */
  gt(y: Operand): Variable {
    return binary(op.gt, this, y);
  }
  /** See the function `ge`. */
  ge(y: Operand): Variable {
    return binary(op.ge, this, y);
  }
  /** Chooses between two operands by this one; see the function `where`. */
  where(x: Operand, y: Operand): Variable {
    return apply(op.where, [this, x, y], undefined);
  }
  /** See the function `sum`. */
  sum(options?: ReductionArgument): Variable {
    return reduction(op.sum, this, options);
  }
  /** See the function `mean`. */
  mean(options?: ReductionArgument): Variable {
    const sum = this.sum(options);
    return sum.mul(sum.size === 0 ? NaN : sum.size / this.size);
  }
  /** See the function `max`. */
  max(options?: ReductionArgument): Variable {
    return reduction(op.max, this, options);
  }
  /** See the function `min`. */
  min(options?: ReductionArgument): Variable {
    return reduction(op.min, this, options);
  }
  /** See the function `logSumExp`. */
  logSumExp(options?: ReductionArgument): Variable {
    return reduction(op.logSumExp, this, options);
  }
  /** See the function `softmax`. */
  softmax({ axis = -1 }: AxisOptions = {}): Variable {
    return apply(op.softmax, [this], { axis: readAxis("softmax", axis, this.rank) });
  }
  /** See the function `logSoftmax`. */
  logSoftmax({ axis = -1 }: AxisOptions = {}): Variable {
    return apply(op.logSoftmax, [this], { axis: readAxis("logSoftmax", axis, this.rank) });
  }
  /** See the function `cast`. */
  cast(dtype: DType): Variable {
    return apply(op.cast, [this], { dtype: checkDType(dtype) });
  }
  /** See the function `reshape`. */
  reshape(shape: Shape): Variable {
    return reshapeTo(this, shape);
  }
  /** See the function `transpose`. */
  transpose(axes?: readonly number[]): Variable {
    return permuteAxes(this, axes);
  }
  /** See the function `broadcastTo`. */
  broadcastTo(shape: Shape): Variable {
    return apply(op.broadcastTo, [this], { shape: readShape("broadcastTo", shape) });
  }
  /** See the function `slice`. */
  slice(begin: number | readonly number[], size?: number | readonly number[]): Variable {
    return sliceFrom(this, begin, size);
  }
  /** See the function `gather`. */
  gather(indices: Operand, { axis = 0 }: AxisOptions = {}): Variable {
    return apply(op.gather, [this, indices], { axis: readAxis("gather", axis, this.rank) });
  }
  /** See the function `matmul`. */
  matmul(y: Operand): Variable {
    return multiplyMatrices(this, y);
  }
  /** See the function `sigmoidCrossEntropy`. */
  sigmoidCrossEntropy(labels: Operand, options?: LossOptions): Variable {
    return sigmoidLoss(this, labels, options);
  }
  /** See the function `softmaxCrossEntropy`. */
  softmaxCrossEntropy(labels: Operand, options?: LossOptions & AxisOptions): Variable {
    return softmaxLoss(this, labels, options);
  }

  /** The slices along the first axis, so that `const [a, b] = x` works. */
  *[Symbol.iterator](): Generator<Variable, void, unknown> {
    if (this.rank === 0) throw new TypeError("Cannot iterate over a number: the Variable has no axis");
    for (let i = 0; i < this.shape[0]!; i++) yield this.slice(i, 1).reshape(this.shape.slice(1));
  }

  /** Refuses JavaScript's operators, which would lose the derivative without a word. */
  [Symbol.toPrimitive](hint: "number" | "string" | "default"): string {
    if (hint === "string") return this.toString();
    throw new TypeError("Cannot use a Variable with + - * / or <: write x.add(y), x.mul(y), x.lt(y)");
  }

  /** The value, shape and dtype in one line. */
  toString(): string {
    const what = this.name === undefined ? "Variable" : `Variable ${this.name}`;
    const head = JSON.stringify(this.array?.toNested() ?? this.number);
    return `${what}(${head.length > 80 ? `${head.slice(0, 77)}...` : head}, shape ${
      formatShape(this.shape)
    }, ${this.dtype})`;
  }
}

// What console.log shows.
Object.defineProperty(Variable.prototype, Symbol.for("Deno.customInspect"), {
  value: function (this: Variable): string {
    return this.toString();
  },
});

registerHandle(Variable);

/** Name, gradient and role of a Variable. */
export interface VariableState {
  /** The name shown in tables and pictures. */
  readonly name: string | undefined;
  /** Whether operations on it are recorded at top level. */
  readonly trainable: boolean;
  /** What `backward` has added up. */
  gradient: Value | null;
}

function onlyElement(x: Variable): number {
  if (x.array === null) return x.number;
  if (x.array.size === 1) return x.array.data[0]!;
  throw new TypeError(
    message`Cannot read an array of shape ${x.shape} as one number: use .value, or reduce
    it first`,
  );
}

/** Notes that a value is read out, and asks the guard, if there is one. */
function checkRead(x: Variable, how: string): void {
  if (x.row < 0 && x.state === null) return;
  if (x.row >= 0) tape.noteRead({ row: x.row, stamp: x.stamp, how });
  if (x.row >= 0 || x.trainable) tape.guard?.read(x, how);
}
