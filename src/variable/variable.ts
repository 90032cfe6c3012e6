import { describeValue, formatShape } from "../_internal/format.ts";
import {
  checkDType,
  type DType,
  type FloatArray,
  type NumericArray,
  promote,
  roundTo,
} from "../array/dtype.ts";
import type { Value } from "../array/elementwise.ts";
import { arrayFrom, fullArray, NdArray, type NestedNumbers } from "../array/nd_array.ts";
import {
  checkShape,
  normalizeAxes,
  normalizeAxis,
  reducedShape,
  SCALAR,
  type Shape,
  sizeOf,
} from "../array/shape.ts";
import { type Operation, operation as op } from "../primitives/mod.ts";
import { CONSTANT, reverseWalk, tape } from "../tape/mod.ts";

/** Anything that numbers can be read from. */
export type ArrayLike = NestedNumbers | NumericArray | NdArray;

/** What an operation takes: a Variable, or numbers, which take the dtype of the other operands. */
export type Operand = Variable | ArrayLike;

/** Which axes a reduction runs along, and whether they stay with length 1. */
export interface ReductionOptions {
  /** One axis or several, negative ones counted from the end; by default all. */
  readonly axis?: number | readonly number[];
  /** Whether reduced axes stay, with length 1; false by default. */
  readonly keepDims?: boolean;
}

/** Along which axis an operation runs. */
export interface AxisOptions {
  /** The axis; a negative one counts from the end. */
  readonly axis?: number;
}

/** How the losses of single examples are joined. */
export interface LossOptions {
  /** `"mean"` (the default), `"sum"`, or `"none"` for one loss per example. */
  readonly reduction?: "mean" | "sum" | "none";
}

/** The slope of leakyRelu. */
export interface LeakyReluOptions {
  /** The factor of negative numbers; 0.01 by default. */
  readonly negativeSlope?: number;
}

/** The scale of elu. */
export interface EluOptions {
  /** The value at -Infinity is `-alpha`; 1 by default. */
  readonly alpha?: number;
}

/** Which gelu is meant. */
export interface GeluOptions {
  /** `"none"` (the default) for the exact function, `"tanh"` for the approximation by the hyperbolic tangent. */
  readonly approximate?: "none" | "tanh";
}

/** The bounds of hardTanh. */
export interface HardTanhOptions {
  /** The lower bound; -1 by default. */
  readonly min?: number;
  /** The upper bound; 1 by default. */
  readonly max?: number;
}

/** The width of softshrink. */
export interface SoftshrinkOptions {
  /** Numbers up to this size become 0; 0.5 by default. */
  readonly lambda?: number;
}

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
      this.array = value;
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
    return this.array ?? fullArray(SCALAR, this.number, this.dtype);
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
    return gradient === null ? null : passive(gradient, this.dtype);
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
        `Cannot assign to ${this.name ?? "a Variable"}: its shape is ${formatShape(this.shape)}, ` +
          `the new value has ${formatShape(array.shape)}`,
      );
    }
    if (this.array === null) this.number = array.data[0]!;
    else this.array = value instanceof NdArray ? array.clone() : array;
    this.row = -1;
    return this;
  }

  /**
   * Adds the derivatives of this rank-0 Variable to the `grad` of every trainable Variable it was computed
   * from, then clears the tape.
   *
   * @param options.retainTape Keeps the tape, for another walk or for printing
   * @throws {TypeError} If it is not of rank 0, was not recorded, or a function is being differentiated
   */
  backward({ retainTape = false }: { readonly retainTape?: boolean } = {}): void {
    if (this.array !== null) {
      throw new TypeError(
        `Cannot walk backward from shape ${formatShape(this.shape)}: only a number has a gradient, ` +
          `reduce it with sum() or mean()`,
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
    else tape.clear();
  }

  #trainableState(what: string): VariableState {
    if (this.state?.trainable) return this.state;
    throw new TypeError(
      `Cannot call ${what}() on this Variable: it is not trainable; make one with variable()`,
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
      throw new RangeError(`Cannot clip to ${min} .. ${max}: the lower bound is above the upper, swap them`);
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
  gelu({ approximate = "none" }: GeluOptions = {}): Variable {
    if (approximate === "none") return unary(op.gelu, this);
    if (approximate !== "tanh") {
      throw new RangeError(
        `Cannot approximate gelu: ${describeValue(approximate)} is unknown, use "none" or "tanh"`,
      );
    }
    // (1 + tanh(u)) / 2 is sigmoid(2 u), exact for negative u; beyond 100 it does not change, but the cube overflows.
    const near = this.clip(-100, 100);
    const u = near.square().mul(0.044715).add(1).mul(near);
    return this.mul(u.mul(2 * Math.sqrt(2 / Math.PI)).sigmoid());
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
  softshrink({ lambda = 0.5 }: SoftshrinkOptions = {}): Variable {
    if (!(lambda >= 0)) {
      throw new RangeError(`Cannot shrink by lambda ${lambda}: it must be 0 or a positive number`);
    }
    return this.sub(this.clip(-lambda, lambda));
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
    return apply(op.softmax, [this], { axis: normalizeAxis("softmax", axis, this.rank) });
  }
  /** See the function `logSoftmax`. */
  logSoftmax({ axis = -1 }: AxisOptions = {}): Variable {
    return apply(op.logSoftmax, [this], { axis: normalizeAxis("logSoftmax", axis, this.rank) });
  }
  /** See the function `cast`. */
  cast(dtype: DType): Variable {
    return apply(op.cast, [this], { dtype: checkDType(dtype) });
  }
  /** See the function `reshape`. */
  reshape(shape: Shape): Variable {
    const wild = shape.indexOf(-1);
    if (wild < 0) return apply(op.reshape, [this], { shape: checkShape("reshape", shape) });
    const known = sizeOf(shape.filter((_, i) => i !== wild));
    return apply(op.reshape, [this], {
      shape: checkShape("reshape", shape.map((n, i) => i === wild ? this.size / known : n)),
    });
  }
  /** See the function `transpose`. */
  transpose(axes?: readonly number[]): Variable {
    const order = axes?.map((axis) => normalizeAxis("transpose", axis, this.rank)) ??
      this.shape.map((_, i) => this.rank - 1 - i);
    if (order.length !== this.rank || new Set(order).size !== this.rank) {
      throw new RangeError(
        `Cannot transpose shape ${formatShape(this.shape)}: axes ${
          formatShape(axes!)
        } must name each axis once`,
      );
    }
    return apply(op.transpose, [this], { axes: order });
  }
  /** See the function `broadcastTo`. */
  broadcastTo(shape: Shape): Variable {
    return apply(op.broadcastTo, [this], { shape: checkShape("broadcastTo", shape) });
  }
  /** See the function `slice`. */
  slice(begin: number | readonly number[], size?: number | readonly number[]): Variable {
    const begins = typeof begin === "number" ? [begin] : begin;
    const sizes = size === undefined ? [] : typeof size === "number" ? [size] : size;
    const from = this.shape.map((length, i) => {
      const b = begins[i] ?? 0;
      return b < 0 ? b + length : b;
    });
    if (
      begins.length > this.rank || sizes.length > this.rank || [...from, ...sizes].some((n) => n % 1 !== 0)
    ) {
      throw new RangeError(
        `Cannot slice shape ${formatShape(this.shape)}: begin ${formatShape(begins)} and size ` +
          `${formatShape(sizes)} must be integers, at most one for each axis`,
      );
    }
    const block = this.shape.map((length, i) => {
      const s = sizes[i] ?? -1;
      return s === -1 ? length - from[i]! : s;
    });
    return apply(op.slice, [this], { begin: from, size: block });
  }
  /** See the function `gather`. */
  gather(indices: Operand, { axis = 0 }: AxisOptions = {}): Variable {
    return apply(op.gather, [this, indices], { axis: normalizeAxis("gather", axis, this.rank) });
  }
  /** See the function `matmul`. */
  matmul(y: Operand): Variable {
    return multiplyMatrices(this, y);
  }
  /** See the function `sigmoidCrossEntropy`. */
  sigmoidCrossEntropy(labels: Operand, options: LossOptions = {}): Variable {
    const y = toVariable(labels, this.dtype);
    if (formatShape(y.shape) !== formatShape(this.shape)) {
      throw new TypeError(
        `Cannot take the cross-entropy of logits and labels: shapes ${formatShape(this.shape)} and ` +
          `${formatShape(y.shape)} differ, reshape one of them`,
      );
    }
    return reduceLoss(binary(op.sigmoidCrossEntropy, this, y), options);
  }
  /** See the function `softmaxCrossEntropy`. */
  softmaxCrossEntropy(labels: Operand, options: LossOptions & AxisOptions = {}): Variable {
    const y = toVariable(labels, this.dtype);
    const axis = normalizeAxis("softmaxCrossEntropy", options.axis ?? -1, this.rank);
    const order = this.shape.map((_, i) => i).filter((i) => i !== axis).concat(axis);
    const last = axis === this.rank - 1;
    const [z, p] = last || y.rank !== this.rank ? [this, y] : [this.transpose(order), y.transpose(order)];
    return reduceLoss(apply(op.softmaxCrossEntropy, [z, p], undefined), options);
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

/** Name, gradient and role of a Variable. */
export interface VariableState {
  /** The name shown in tables and pictures. */
  readonly name: string | undefined;
  /** Whether operations on it are recorded at top level. */
  readonly trainable: boolean;
  /** What `backward` has added up. */
  gradient: Value | null;
}

/** One axis or several, or options. */
export type ReductionArgument = number | readonly number[] | ReductionOptions;

/** A Variable that no derivative flows through. */
export function passive(value: Value, dtype: DType): Variable {
  return new Variable(value, dtype, -1);
}

/** A handle to a row that is on the tape. */
export function handleOf(row: number): Variable {
  const handle = new Variable(tape.valueOf(row), tape.dtypeOf(row), row);
  handle.stamp = tape.stamps[row]!;
  return handle;
}

function onlyElement(x: Variable): number {
  if (x.array === null) return x.number;
  if (x.array.size === 1) return x.array.data[0]!;
  throw new TypeError(
    `Cannot read an array of shape ${formatShape(x.shape)} as one number: use .value, or reduce it first`,
  );
}

/** Asks the guard, if there is one, before a value is read out. */
function checkRead(x: Variable, how: string): void {
  if (tape.guard !== null && x.row >= 0) tape.guard.read(x, how);
}

/** The value without the handle. */
export function plainValue(x: Variable): Value {
  return x.array ?? x.number;
}

/** Zeros of a Variable's shape and dtype. */
export function zerosLike(x: Variable): Value {
  return x.array === null ? 0 : fullArray(x.array.shape, 0, x.dtype);
}

/**
 * Reads numbers as a constant, in the given dtype or in that of the data.
 *
 * @throws {TypeError} If the value is neither a Variable nor numbers
 */
export function toVariable(x: Operand, dtype?: DType): Variable {
  if (x instanceof Variable) return x;
  if (typeof x === "number") return passive(dtype === undefined ? x : roundTo(dtype, x), dtype ?? "float64");
  const array = arrayFrom(x, dtype ?? undefined);
  return passive(array.shape.length === 0 ? array.data[0]! : array, array.dtype);
}

/** Makes a Variable with a name or to be trained. */
export function makeVariable(
  value: Operand,
  dtype: DType | undefined,
  name: string | undefined,
  trainable: boolean,
): Variable {
  if (dtype !== undefined) checkDType(dtype);
  if (name !== undefined && typeof name !== "string") {
    throw new TypeError(`Cannot name a Variable ${describeValue(name)}: a name is a text`);
  }
  if (typeof value === "number") {
    const number = dtype === "float32" ? Math.fround(value) : value;
    return new Variable(number, dtype ?? "float64", -1, { name, trainable, gradient: null });
  }
  let array = value instanceof Variable ? value.toArray() : arrayFrom(value);
  if (dtype !== undefined) array = array.cast(dtype);
  const content = array.shape.length === 0 ? array.data[0]! : array;
  return new Variable(content, array.dtype, -1, { name, trainable, gradient: null });
}

/**
 * The row of a Variable, -1 if derivatives by it are not wanted. A trainable one is put on the tape when it
 * is first used.
 *
 * @throws {TypeError} If its row has been dropped from the tape
 */
export function rowOf(x: Variable): number {
  if (x.row >= 0) {
    if (x.row < tape.length && tape.stamps[x.row] === x.stamp) return x.row < tape.barrier ? -1 : x.row;
    if (!x.trainable) {
      throw new TypeError(
        `Cannot use a stale Variable (${x.toString()}): its row was dropped from the tape when the walk over it ` +
          `ended; compute it again, keep the tape with backward({ retainTape: true }), or read it with .value`,
      );
    }
  }
  if (x.state === null || !x.state.trainable || !tape.recording) return -1;
  x.row = tape.ownedLeaf(x, plainValue(x), x.dtype);
  x.stamp = tape.generation;
  return x.row;
}

/** The row to record for an operand: its own, or a fresh leaf for a constant. */
function operandRow(x: Variable, row: number): number {
  return row >= 0 ? row : tape.leaf(CONSTANT, plainValue(x), x.dtype, x.name);
}

/** Does a unary element-wise operation. */
export function unary(operation: Operation, x: Operand): Variable {
  if (!(x instanceof Variable) || x.array !== null) return apply(operation, [x], undefined);
  const dtype = x.dtype;
  const raw = operation.scalar!(x.number);
  const value = dtype === "float64" ? raw : Math.fround(raw);
  const row = tape.recording ? rowOf(x) : -1;
  return new Variable(
    value,
    dtype,
    row < 0 ? -1 : tape.recordScalar(operation.opcode, row, -1, value, dtype),
  );
}

/** Does a binary element-wise operation. */
export function binary(operation: Operation, x: Operand, y: Operand): Variable {
  if (x instanceof Variable && x.array === null) {
    if (y instanceof Variable) {
      if (y.array === null) {
        const dtype = x.dtype === y.dtype ? x.dtype : "float64";
        const raw = operation.scalar!(x.number, y.number);
        const value = dtype === "float64" ? raw : Math.fround(raw);
        if (!tape.recording) return new Variable(value, dtype, -1);
        let a = rowOf(x);
        let b = rowOf(y);
        if (a < 0 && b < 0) return new Variable(value, dtype, -1);
        if (a < 0) a = tape.leaf(CONSTANT, x.number, x.dtype, x.name);
        if (b < 0) b = tape.leaf(CONSTANT, y.number, y.dtype, y.name);
        return new Variable(value, dtype, tape.recordScalar(operation.opcode, a, b, value, dtype));
      }
    } else if (typeof y === "number") {
      const dtype = x.dtype;
      const raw = operation.scalar!(x.number, y);
      const value = dtype === "float64" ? raw : Math.fround(raw);
      const a = tape.recording ? rowOf(x) : -1;
      if (a < 0) return new Variable(value, dtype, -1);
      const b = tape.leaf(CONSTANT, y, dtype);
      return new Variable(value, dtype, tape.recordScalar(operation.opcode, a, b, value, dtype));
    }
  }
  return apply(operation, [x, y], undefined);
}

/** Does any operation: computes the value, and records a row if derivatives by an operand are wanted. */
export function apply(operation: Operation, operands: readonly Operand[], attributes: unknown): Variable {
  const untyped = operation.primitive.untyped;
  let strong: DType | undefined;
  for (let k = 0; k < operands.length; k++) {
    const x = operands[k]!;
    if (isWeak(x) || untyped?.includes(k)) continue;
    const dtype = x instanceof Variable ? x.dtype : arrayFrom(x).dtype;
    strong = strong === undefined || strong === dtype ? dtype : "float64";
  }
  const dtype = operation.primitive.dtype?.(attributes) ?? strong ?? "float64";
  const inputs: Variable[] = [];
  for (let k = 0; k < operands.length; k++) {
    const x = operands[k]!;
    inputs.push(x instanceof Variable ? x : toVariable(x, isWeak(x) ? strong ?? dtype : undefined));
  }
  const value = operation.evaluate(inputs.map(plainValue), attributes, dtype);
  if (!tape.recording) return passive(value, dtype);
  const rows = inputs.map(rowOf);
  if (rows.every((row) => row < 0)) return passive(value, dtype);
  const all = rows.map((row, k) => operandRow(inputs[k]!, row));
  return new Variable(value, dtype, tape.record(operation.opcode, all, value, dtype, attributes));
}

/** Reads operands together: plain numbers in the dtype of the others. */
export function toVariables(...operands: Operand[]): Variable[] {
  const strong = operands.filter((x) => !isWeak(x)).map((x) => toVariable(x));
  const dtype = strong.length === 0 ? undefined : strong.map((x) => x.dtype).reduce(promote);
  return operands.map((x) => toVariable(x, isWeak(x) ? dtype : undefined));
}

/** Plain numbers, alone or nested, take the dtype of the other operands. */
function isWeak(x: Operand): x is NestedNumbers {
  return typeof x === "number" || Array.isArray(x);
}

function reduction(operation: Operation, x: Variable, argument: ReductionArgument = {}): Variable {
  const options: ReductionOptions = typeof argument === "number" || Array.isArray(argument)
    ? { axis: argument as number | readonly number[] }
    : argument as ReductionOptions;
  return apply(operation, [x], {
    axes: normalizeAxes(operation.name, options.axis, x.rank),
    keepDims: options.keepDims ?? false,
  });
}

/** Vectors take part as a row (left) or a column (right), which the result then lacks. */
function multiplyMatrices(x: Variable, other: Operand): Variable {
  const y = toVariable(other, isWeak(other) ? x.dtype : undefined);
  if (x.rank === 0 || y.rank === 0) {
    throw new TypeError(
      `Cannot multiply matrices: shapes ${formatShape(x.shape)} and ${
        formatShape(y.shape)
      } must have at least ` +
        `one axis, use mul() for numbers`,
    );
  }
  const left = x.rank === 1 ? x.reshape([1, x.size]) : x;
  const right = y.rank === 1 ? y.reshape([y.size, 1]) : y;
  const product = apply(op.matmul, [left, right], { transposeX: false, transposeY: false });
  const dropped = [...x.rank === 1 ? [product.rank - 2] : [], ...y.rank === 1 ? [product.rank - 1] : []];
  return dropped.length === 0 ? product : product.reshape(reducedShape(product.shape, dropped, false));
}

/** Joins the losses of single examples, or leaves them. */
export function reduceLoss(losses: Variable, { reduction: how = "mean" }: LossOptions): Variable {
  if (how === "mean") return losses.mean();
  if (how === "sum") return losses.sum();
  if (how === "none") return losses;
  throw new RangeError(`Unknown reduction: ${describeValue(how)}, use "mean", "sum" or "none"`);
}
