/** How numbers lie in a vector of 16 bytes. */
export type LaneType = "f32x4" | "f64x2";

/** What a lane is computed by: the methods of {@linkcode Lanes} say what they do. A target prints each of them. */
export type LaneOperation =
  | "input"
  | "constant"
  | "call"
  | "rescue"
  | ("add" | "sub" | "mul" | "div" | "fma" | "fnma")
  | ("sqrt" | "neg" | "abs" | "nearest" | "floor" | "ceil" | "trunc")
  | ("min" | "max" | "quickMin" | "quickMax")
  | ("eq" | "ne" | "lt" | "le" | "gt" | "ge" | "isNan")
  /** By the bits of a mask, and by its elements, which then are all ones or all zeros. */
  | ("select" | "selectElements")
  | ("and" | "or" | "xor" | "andNot" | "not")
  | ("addBits" | "subBits" | "shiftLeft" | "shiftRight" | "eqBits" | "fromInteger")
  | ("roundToInteger" | "roundedNumber" | "powerOfTwo")
  /** The upper half of a vector as the lower one, and conversions; `join` puts two lower halves together. */
  | ("high" | "widen" | "demote" | "join");

/** The integer nearest to a number. */
export interface RoundedInteger {
  readonly number: Lane;
  /** What was to be added to it, and it, as an integer of which the lowest bits count. */
  readonly bits: Lane;
}

/** One vector as the result of an operation on other vectors; equal lanes are the same object. */
export interface Lane {
  readonly operation: LaneOperation;
  /** The type of its elements; integers and masks have the size of a float. */
  readonly type: LaneType;
  readonly operands: readonly Lane[];
  /** The index of an input, the bits of a constant, a count of bits, an integer, or the host's function. */
  readonly value: number | bigint | HostFunction;
  /** Whether each element is all ones or all zeros. */
  readonly isMask: boolean;
}

/** A function of plain numbers that compiled code calls for each element. */
export interface HostFunction {
  readonly arity: number;
  readonly run: (...operands: number[]) => number;
  /** Its JavaScript, where that needs nothing but `Math`, so that another thread can make it anew. */
  readonly source?: string;
}

/** Every lane by what it computes; builders of both element types share it. */
interface Interning {
  readonly lanes: Map<string, Lane>;
  readonly ids: Map<unknown, number>;
}

/**
 * Builds lanes, in the manner of `L.add(x, L.constant(1))`. Common subexpressions are shared.
 *
 * With `fused` set, {@linkcode Lanes.fma} rounds once.
 */
export class Lanes {
  readonly type: LaneType;
  /** Whether multiply-add rounds once. */
  readonly fused: boolean;
  /** How exact results need to be: as doubles that are rounded to float32 need 30 bits, not 53. */
  readonly precision: "single" | "double" | "rough";
  readonly #interning: Interning;
  #double: Lanes | undefined;

  constructor(type: LaneType, options: { readonly fused: boolean }, interning?: Interning) {
    this.type = type;
    this.fused = options.fused;
    this.precision = type === "f32x4" ? "single" : interning === undefined ? "double" : "rough";
    this.#interning = interning ?? { lanes: new Map(), ids: new Map() };
  }

  /** The builder for pairs of doubles that will be rounded to lanes of this one. */
  get double(): Lanes {
    return this.#double ??= new Lanes("f64x2", { fused: this.fused }, this.#interning);
  }

  /** Whether elements have 32 bits. */
  get isNarrow(): boolean {
    return this.type === "f32x4";
  }

  #lane(
    operation: LaneOperation,
    operands: readonly Lane[],
    value: Lane["value"] = 0,
    isMask = false,
  ): Lane {
    const { type } = this;
    const key = `${type} ${operation} ${
      typeof value === "object" ? this.#id(value) : `${typeof value} ${value}`
    }:${operands.map((o) => this.#id(o))}`;
    const { lanes } = this.#interning;
    let lane = lanes.get(key);
    if (lane === undefined) lanes.set(key, lane = { operation, type, operands, value, isMask });
    return lane;
  }

  #id(object: unknown): number {
    const { ids } = this.#interning;
    let id = ids.get(object);
    if (id === undefined) ids.set(object, id = ids.size);
    return id;
  }

  /** The vector that the loop loads for an input. */
  input(index: number): Lane {
    return this.#lane("input", [], index);
  }

  /** The same number in every element. */
  constant(value: number): Lane {
    return this.bits(bitsOf(this.type, value));
  }

  /** The same bits in every element. */
  bits(bits: number | bigint): Lane {
    return this.isNarrow
      ? this.#lane("constant", [], Number(bits) | 0)
      : this.#lane("constant", [], BigInt.asIntN(64, BigInt(bits)));
  }

  /** The number that a lane of this type has in every element, if it is a constant. */
  numberOf({ operation, value }: Lane): number | undefined {
    if (operation !== "constant") return undefined;
    const buffer = new DataView(new ArrayBuffer(8));
    if (typeof value === "bigint") {
      buffer.setBigInt64(0, value);
      return buffer.getFloat64(0);
    }
    buffer.setInt32(0, value as number);
    return buffer.getFloat32(0);
  }

  add(x: Lane, y: Lane): Lane {
    return this.#lane("add", [x, y]);
  }
  sub(x: Lane, y: Lane): Lane {
    return this.#lane("sub", [x, y]);
  }
  mul(x: Lane, y: Lane): Lane {
    return this.#lane("mul", [x, y]);
  }
  div(x: Lane, y: Lane): Lane {
    return this.#lane("div", [x, y]);
  }
  sqrt(x: Lane): Lane {
    return this.#lane("sqrt", [x]);
  }
  neg(x: Lane): Lane {
    return this.#lane("neg", [x]);
  }
  abs(x: Lane): Lane {
    return this.#lane("abs", [x]);
  }
  nearest(x: Lane): Lane {
    return this.#lane("nearest", [x]);
  }
  floor(x: Lane): Lane {
    return this.#lane("floor", [x]);
  }
  ceil(x: Lane): Lane {
    return this.#lane("ceil", [x]);
  }
  trunc(x: Lane): Lane {
    return this.#lane("trunc", [x]);
  }

  /** The smaller, as `Math.min` has it: NaN wins, and -0 is less than 0. */
  min(x: Lane, y: Lane): Lane {
    return this.#lane("min", [x, y]);
  }
  /** The larger, as `Math.max` has it: NaN wins, and 0 is more than -0. */
  max(x: Lane, y: Lane): Lane {
    return this.#lane("max", [x, y]);
  }
  /** `y < x ? y : x`, one machine instruction; a NaN in x stays. */
  quickMin(x: Lane, y: Lane): Lane {
    return this.#lane("quickMin", [x, y]);
  }
  /** `x < y ? y : x`, one machine instruction; a NaN in x stays. */
  quickMax(x: Lane, y: Lane): Lane {
    return this.#lane("quickMax", [x, y]);
  }

  /** `x * y + z`. */
  fma(x: Lane, y: Lane, z: Lane): Lane {
    return this.fused ? this.#lane("fma", [x, y, z]) : this.add(this.mul(x, y), z);
  }
  /** `z - x * y`. */
  fnma(x: Lane, y: Lane, z: Lane): Lane {
    return this.fused ? this.#lane("fnma", [x, y, z]) : this.sub(z, this.mul(x, y));
  }

  eq(x: Lane, y: Lane): Lane {
    return this.#lane("eq", [x, y], 0, true);
  }
  ne(x: Lane, y: Lane): Lane {
    return this.#lane("ne", [x, y], 0, true);
  }
  lt(x: Lane, y: Lane): Lane {
    return this.#lane("lt", [x, y], 0, true);
  }
  le(x: Lane, y: Lane): Lane {
    return this.#lane("le", [x, y], 0, true);
  }
  gt(x: Lane, y: Lane): Lane {
    return this.#lane("gt", [x, y], 0, true);
  }
  ge(x: Lane, y: Lane): Lane {
    return this.#lane("ge", [x, y], 0, true);
  }

  /** Where x is NaN. */
  isNan(x: Lane): Lane {
    return this.#lane("isNan", [x, x], 0, true);
  }

  /** x where the mask is set, y elsewhere. */
  select(mask: Lane, x: Lane, y: Lane): Lane {
    if (x === y) return x;
    return this.#lane(this.fused && mask.isMask ? "selectElements" : "select", [x, y, mask]);
  }

  and(x: Lane, y: Lane): Lane {
    return this.#lane("and", [x, y], 0, x.isMask && y.isMask);
  }
  or(x: Lane, y: Lane): Lane {
    return this.#lane("or", [x, y], 0, x.isMask && y.isMask);
  }
  xor(x: Lane, y: Lane): Lane {
    return this.#lane("xor", [x, y], 0, x.isMask && y.isMask);
  }
  /** The bits of x that are not in y. */
  andNot(x: Lane, y: Lane): Lane {
    return this.#lane("andNot", [x, y], 0, x.isMask && y.isMask);
  }
  not(x: Lane): Lane {
    return x.operation === "not" ? x.operands[0]! : this.#lane("not", [x], 0, x.isMask);
  }

  addBits(x: Lane, y: Lane): Lane {
    return this.#lane("addBits", [x, y]);
  }
  subBits(x: Lane, y: Lane): Lane {
    return this.#lane("subBits", [x, y]);
  }
  shiftLeft(x: Lane, count: number): Lane {
    return this.#lane("shiftLeft", [x], count);
  }
  /** Fills with zeros. */
  shiftRight(x: Lane, count: number): Lane {
    return this.#lane("shiftRight", [x], count);
  }
  eqBits(x: Lane, y: Lane): Lane {
    return this.#lane("eqBits", [x, y], 0, true);
  }
  /** Integers from 0 to 2^31, or 2^52 for doubles, as floats. */
  fromInteger(x: Lane): Lane {
    if (this.isNarrow) return this.#lane("fromInteger", [x]);
    // The bits of an integer below those of 2^52 make 2^52 plus the integer.
    const base = this.constant(2 ** 52);
    return this.sub(this.or(x, base), base);
  }

  /**
   * The integer nearest to `factor * x`, for sizes below 2^22, or 2^51 for doubles; where multiply-adds are fused,
   * the product is not rounded before.
   *
   * @param plus What is added to its bits
   */
  roundToInteger(x: Lane, factor: number, plus = 0): RoundedInteger {
    // Added to a number, this leaves its nearest integer in the low bits. A target that can round needs it not.
    const origin = this.constant(1.5 * 2 ** this.#fractionBits + plus);
    const operands = factor === 1
      ? [x, origin]
      : this.fused
      ? [x, this.constant(factor), origin]
      : [this.mul(x, this.constant(factor)), origin];
    const bits = this.#lane("roundToInteger", operands, plus);
    return { number: this.#lane("roundedNumber", [bits, origin]), bits };
  }

  /** The power of two whose exponent, with the bias, the lowest bits of an integer are. */
  powerOfTwo(bits: Lane): Lane {
    return this.#lane("powerOfTwo", [bits], this.#fractionBits);
  }

  /** How many bits an element has after its exponent. */
  get #fractionBits(): 23 | 52 {
    return this.isNarrow ? 23 : 52;
  }

  /** The sign bit of each element. */
  signOf(x: Lane): Lane {
    return this.and(x, this.constant(-0));
  }
  /** The size of x, which must not be negative, with the sign of y. */
  withSign(x: Lane, y: Lane): Lane {
    return this.or(x, this.signOf(y));
  }

  /** The first or second half of four floats as doubles. */
  widen(x: Lane, half: 0 | 1): Lane {
    return this.#lane("widen", [half === 0 ? x : this.#lane("high", [x, x])]);
  }
  /** Two pairs of doubles as four floats. */
  narrow(low: Lane, high: Lane): Lane {
    return this.#lane("join", [this.#lane("demote", [low]), this.#lane("demote", [high])]);
  }

  /** The host's function of each element. */
  call(host: HostFunction, operands: readonly Lane[]): Lane {
    return this.#lane("call", operands, host);
  }
  /**
   * `lane`, but the host's function of the operands where the mask is set. The host is called behind a branch
   * that is taken only if the mask has an element, which should be rare.
   */
  rescue(lane: Lane, mask: Lane, host: HostFunction, operands: readonly Lane[]): Lane {
    return this.#lane("rescue", [lane, mask, ...operands], host);
  }
}

/** The bits of a number, as a signed integer. */
function bitsOf(type: LaneType, value: number): number | bigint {
  const buffer = new DataView(new ArrayBuffer(8));
  if (type === "f32x4") {
    buffer.setFloat32(0, value);
    return buffer.getInt32(0);
  }
  buffer.setFloat64(0, value);
  return buffer.getBigInt64(0);
}
