import { readOptions } from "../_internal/readers/mod.ts";
import { message } from "../_internal/message.ts";
import { formatShape } from "../_internal/format.ts";
import { showAs } from "../_internal/show.ts";
import { type DType, type FloatArray, type NumericArray, roundTo } from "../array/dtype.ts";
import type { Value } from "../array/value.ts";
import { arrayFrom, fullArray, NdArray, type NestedNumbers, PACKAGE } from "../array/nd_array.ts";
import { arrayHead, showArray } from "../array/format_array.ts";
import { askForValues } from "../array/deferred_array.ts";
import { SCALAR, type Shape } from "../array/shape.ts";
import { operation as op } from "../primitives/mod.ts";
import { dropWalked, lowestReached, reverseWalk, tape } from "../tape/mod.ts";
import type { VariableMethods } from "./methods.ts";
import { isLeftUnknown, isUnknown, knownNumber, rowOf, zerosLike } from "./rows.ts";

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

  /**
   * The same value under a name, which tables and pictures show at its row: for what is computed in between.
   *
   * @param name Any text
   * @throws {TypeError} If the Variable is trainable: its name is an option of `variable`
   *
   * @example
   * ```ts
   * import { tape, variable } from "@tapegrad/tapegrad";
   *
   * const h = variable(2, { name: "x" }).square().named("h");
   * console.log(h.name, tape.nameOf(tape.rowOf(h)!)); // h h
   * tape.clear();
   * ```
   */
  named(name: string): Variable {
    if (this.trainable) {
      throw new TypeError(
        message`Cannot name a trainable Variable ${name}: pass the name to variable(value, { name })`,
      );
    }
    const row = rowOf(this);
    if (row >= 0) tape.notes.names.set(row, name);
    const state = { trainable: false, gradient: null, ...this.state, name };
    const value = this.array ?? this.number;
    const named = new Variable(value, this.dtype, this.row, state);
    named.stamp = this.stamp;
    return named;
  }

  /** Whether `backward` fills {@linkcode grad}. */
  get trainable(): boolean {
    return this.state?.trainable ?? false;
  }

  /**
   * The value: a number for rank 0, else numbers in arrays in arrays. Its type can't know the rank: `x.item()` is typed as a
   * number, `x.data` as a flat array, and `x.at(0).get().item()` reads one element. `x[0]` is undefined, as of any object.
   */
  get value(): NestedNumbers {
    checkRead(this, ".value");
    return this.array === null ? this.number : this.array.toNested();
  }

  /** @throws {TypeError} Always: a value is not set but assigned */
  set value(_: never) {
    throw new TypeError(
      message`Cannot set the value of ${this.name ?? "a Variable"}: a trainable Variable takes another by
        x.assign(y), any other is computed anew`,
    );
  }

  /** A copy of the elements, row after row. */
  get data(): FloatArray {
    checkRead(this, ".data");
    return this.toArray().data.slice();
  }

  /** The value as an array; its buffer is shared and must not be written to. */
  toArray(): NdArray {
    return heldArray(this).resolve();
  }

  /**
   * What `JSON.stringify` writes: a number, or numbers in arrays in arrays, which `constant(JSON.parse(text))` reads. NaN
   * and infinities, which JSON has not, are written as null.
   *
   * @example
   * ```ts
   * import { constant } from "@tapegrad/tapegrad";
   *
   * const text = JSON.stringify({ y: constant([[1, 2]]) });
   * console.log(text, constant(JSON.parse(text).y).shape); // {"y":[[1,2]]} [1, 2]
   * ```
   */
  toJSON(): NestedNumbers {
    return this.value;
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
    return gradient === null ? null : new Variable(gradient, this.dtype, -1);
  }

  /** Sets {@linkcode grad} to zeros. */
  zeroGrad(): void {
    this.#trainableState("zeroGrad").gradient = zerosLike(this);
  }

  /**
   * Gives a trainable Variable a new value; rows recorded with the old one keep it. An update that is computed from
   * trainable Variables belongs under `noGrad`: its rows would stay on the tape, as nothing walks back over them.
   *
   * @param value Of the same shape; read in this Variable's dtype
   * @throws {TypeError} If the Variable is not trainable, or the shape differs
   */
  assign(value: Operand): this {
    this.#trainableState("assign");
    const array = (value instanceof Variable ? heldArray(value) : arrayFrom(value)).cast(this.dtype);
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
  backward(options?: { readonly retainTape?: boolean }): void {
    const retainTape = options !== undefined && readRetention(options);
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
        "Cannot walk backward: the value was not computed from a trainable Variable, or inside noGrad(), or by a function " +
          "compiled with donated arguments; make one with variable()",
      );
    }
    const adjoints = reverseWalk(tape, lowestReached(tape, row), row, 1, retainTape);
    for (let i = tape.ownersBelow(adjoints.mark); i < tape.ownerRows.length; i++) {
      const ownerRow = tape.ownerRows[i]!;
      const part = ownerRow <= row ? adjoints.at(ownerRow) : undefined;
      if (part === undefined) continue;
      const owner = tape.owners[i] as Variable;
      const state = owner.state!;
      const before = state.gradient;
      state.gradient = typeof part === "number"
        ? roundTo(owner.dtype, before === null ? part : before as number + part)
        : before === null
        ? part
        : op.add.evaluate([before, part], undefined, owner.dtype);
    }
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

  /** The slices along the first axis, so that `const [a, b] = x` works. */
  *[Symbol.iterator](): Generator<Variable, void, unknown> {
    if (this.rank === 0) throw new TypeError("Cannot iterate over a number: the Variable has no axis");
    for (let i = 0; i < this.shape[0]!; i++) yield this.slice(i, 1).reshape(this.shape.slice(1));
  }

  /** Refuses JavaScript's operators, which would lose the derivative without a word. */
  [Symbol.toPrimitive](hint: "number" | "string" | "default"): string {
    if (hint === "string") return this.toString();
    throw new TypeError(
      hint === "default"
        ? "Cannot use a Variable with + or ==: write x.add(y), x.eq(y)"
        : "Cannot use a Variable with - * / % ** < > or in functions such as Math.sin: write x.sub(y), x.mul(y), " +
          "x.lt(y), x.sin(); where(x.gt(y), a, b) chooses by elements, x.gt(y).truthy() says yes or no of a number",
    );
  }

  /** The value, shape and dtype in one line. */
  toString(): string {
    const what = this.name === undefined ? "Variable" : `Variable ${this.name}`;
    if (isUnknown(this) || isLeftUnknown(this)) askForValues();
    const array = this.array?.resolve();
    const head = array === undefined
      ? arrayHead([this.number], SCALAR, 80)
      : arrayHead(array.data, array.shape, 80);
    return `${what}(${head}, shape ${formatShape(this.shape)}, ${this.dtype})`;
  }
}

/** The operations as methods, each documented at the function of its name. The functions attach them. */
export interface Variable extends VariableMethods {}

Object.defineProperty(Variable.prototype, PACKAGE, { value: true });

showAs(Variable.prototype, (x) => {
  if (isUnknown(x) || isLeftUnknown(x)) return x.toString();
  const { data, shape } = x.array?.resolve() ?? fullArray(SCALAR, x.number, x.dtype);
  return showArray(`Variable${x.name === undefined ? "" : ` ${x.name}`}`, data, shape);
});

/** Name, gradient and role of a Variable. */
export interface VariableState {
  /** The name shown in tables and pictures. */
  readonly name: string | undefined;
  /** Whether operations on it are recorded at top level. */
  readonly trainable: boolean;
  /** What `backward` has added up. */
  gradient: Value | null;
  /** @internal Whether it was made of plain numbers, which take the dtype of the other operands. */
  readonly takesOtherDtype?: boolean;
  /** @internal Records the value when it is first used in something recorded. */
  readonly link?: () => Variable;
}

function readRetention(options: { readonly retainTape?: boolean }): boolean {
  return readOptions<{ retainTape?: boolean }, { retainTape: false }>("backward", options, {
    retainTape: false,
  }).retainTape;
}

function onlyElement(x: Variable): number {
  if (x.array === null) return x.number;
  if (x.array.size === 1) return x.array.data[0]!;
  throw new TypeError(
    message`Cannot read an array of shape ${x.shape} as one number: use .value, or reduce
    it first`,
  );
}

/** The value as an array, which may stand in the memory of a program until somebody reads it. */
function heldArray(x: Variable): NdArray {
  checkRead(x, ".toArray()");
  return x.array?.keep() ?? fullArray(SCALAR, x.number, x.dtype);
}

/** Notes that a value is read out, and asks the guard, if there is one. */
function checkRead(x: Variable, how: string): void {
  if (x.row < 0 && x.state === null) return;
  if (x.row >= 0) tape.noteRead({ row: x.row, stamp: x.stamp, how });
  if (x.row >= 0 || x.trainable) tape.guard?.read(x, how);
  if (x.array === null) knownNumber(x);
}

/** A Variable that no derivative flows through. */
export function untracked(value: Value, dtype: DType): Variable {
  return new Variable(value, dtype, -1);
}

/** A Variable made of plain numbers, which takes the dtype of the other operands. */
export function weakVariable(value: Value): Variable {
  return new Variable(value, "float64", -1, WEAK);
}

/** A Variable that is recorded when it is first used in something recorded, in a way of its own. */
export function linkedVariable(value: Value, dtype: DType, link: () => Variable): Variable {
  return new Variable(value, dtype, -1, { name: undefined, trainable: false, gradient: null, link });
}

/** A handle to a row that is on the tape. */
export function handleOf(row: number): Variable {
  return makeHandle(row, null);
}

/** A handle to a row that stands for plain numbers. */
export function weakHandleOf(row: number): Variable {
  return makeHandle(row, WEAK);
}

const WEAK: VariableState = { name: undefined, trainable: false, gradient: null, takesOtherDtype: true };

function makeHandle(row: number, state: VariableState | null): Variable {
  const handle = new Variable(tape.valueOf(row), tape.dtypeOf(row), row, state);
  handle.stamp = tape.stamps[row]!;
  return handle;
}
