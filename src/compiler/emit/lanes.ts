/** How numbers lie in a vector of 16 bytes. */
export type LaneType = "f32x4" | "f64x2";

/** One vector as the result of an instruction on other vectors; equal lanes are the same object. */
export interface Lane {
  /** A WebAssembly instruction, such as `"f32x4.add"`, or one of `input`, `constant`, `call` and `rescue`. */
  readonly operation: string;
  readonly operands: readonly Lane[];
  /** The index of an input, the bits of a constant, a shift count, or the host's function. */
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
  readonly #integers: "i32x4" | "i64x2";
  readonly #interning: Interning;
  #double: Lanes | undefined;

  constructor(type: LaneType, options: { readonly fused: boolean }, interning?: Interning) {
    this.type = type;
    this.fused = options.fused;
    this.precision = type === "f32x4" ? "single" : interning === undefined ? "double" : "rough";
    this.#integers = type === "f32x4" ? "i32x4" : "i64x2";
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
    operation: string,
    operands: readonly Lane[],
    value: Lane["value"] = 0,
    isMask = false,
  ): Lane {
    const key = `${operation} ${typeof value === "object" ? this.#id(value) : `${typeof value} ${value}`}:${
      operands.map((o) => this.#id(o))
    }`;
    const { lanes } = this.#interning;
    let lane = lanes.get(key);
    if (lane === undefined) lanes.set(key, lane = { operation, operands, value, isMask });
    return lane;
  }

  #id(object: unknown): number {
    const { ids } = this.#interning;
    let id = ids.get(object);
    if (id === undefined) ids.set(object, id = ids.size);
    return id;
  }

  #float(name: string, ...operands: Lane[]): Lane {
    return this.#lane(`${this.type}.${name}`, operands);
  }

  #integer(name: string, operands: Lane[], count = 0): Lane {
    return this.#lane(`${this.#integers}.${name}`, operands, count);
  }

  #compare(name: string, x: Lane, y: Lane): Lane {
    return this.#lane(`${this.type}.${name}`, [x, y], 0, true);
  }

  #logic(name: string, x: Lane, y: Lane): Lane {
    return this.#lane(`v128.${name}`, [x, y], 0, x.isMask && y.isMask);
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
    return this.#float("add", x, y);
  }
  sub(x: Lane, y: Lane): Lane {
    return this.#float("sub", x, y);
  }
  mul(x: Lane, y: Lane): Lane {
    return this.#float("mul", x, y);
  }
  div(x: Lane, y: Lane): Lane {
    return this.#float("div", x, y);
  }
  sqrt(x: Lane): Lane {
    return this.#float("sqrt", x);
  }
  neg(x: Lane): Lane {
    return this.#float("neg", x);
  }
  abs(x: Lane): Lane {
    return this.#float("abs", x);
  }
  nearest(x: Lane): Lane {
    return this.#float("nearest", x);
  }
  floor(x: Lane): Lane {
    return this.#float("floor", x);
  }
  ceil(x: Lane): Lane {
    return this.#float("ceil", x);
  }
  trunc(x: Lane): Lane {
    return this.#float("trunc", x);
  }

  /** The smaller, as `Math.min` has it: NaN wins, and -0 is less than 0. */
  min(x: Lane, y: Lane): Lane {
    return this.#float("min", x, y);
  }
  /** The larger, as `Math.max` has it: NaN wins, and 0 is more than -0. */
  max(x: Lane, y: Lane): Lane {
    return this.#float("max", x, y);
  }
  /** `y < x ? y : x`, one machine instruction; a NaN in x stays. */
  quickMin(x: Lane, y: Lane): Lane {
    return this.#float("pmin", x, y);
  }
  /** `x < y ? y : x`, one machine instruction; a NaN in x stays. */
  quickMax(x: Lane, y: Lane): Lane {
    return this.#float("pmax", x, y);
  }

  /** `x * y + z`. */
  fma(x: Lane, y: Lane, z: Lane): Lane {
    return this.fused ? this.#float("relaxed_madd", x, y, z) : this.add(this.mul(x, y), z);
  }
  /** `z - x * y`. */
  fnma(x: Lane, y: Lane, z: Lane): Lane {
    return this.fused ? this.#float("relaxed_nmadd", x, y, z) : this.sub(z, this.mul(x, y));
  }

  eq(x: Lane, y: Lane): Lane {
    return this.#compare("eq", x, y);
  }
  ne(x: Lane, y: Lane): Lane {
    return this.#compare("ne", x, y);
  }
  lt(x: Lane, y: Lane): Lane {
    return this.#compare("lt", x, y);
  }
  le(x: Lane, y: Lane): Lane {
    return this.#compare("le", x, y);
  }
  gt(x: Lane, y: Lane): Lane {
    return this.#compare("gt", x, y);
  }
  ge(x: Lane, y: Lane): Lane {
    return this.#compare("ge", x, y);
  }

  /** x where the mask is set, y elsewhere. */
  select(mask: Lane, x: Lane, y: Lane): Lane {
    if (x === y) return x;
    return this.fused && mask.isMask
      ? this.#lane(`${this.#integers}.relaxed_laneselect`, [x, y, mask])
      : this.#lane("v128.bitselect", [x, y, mask]);
  }

  and(x: Lane, y: Lane): Lane {
    return this.#logic("and", x, y);
  }
  or(x: Lane, y: Lane): Lane {
    return this.#logic("or", x, y);
  }
  xor(x: Lane, y: Lane): Lane {
    return this.#logic("xor", x, y);
  }
  /** The bits of x that are not in y. */
  andNot(x: Lane, y: Lane): Lane {
    return this.#logic("andnot", x, y);
  }
  not(x: Lane): Lane {
    return x.operation === "v128.not" ? x.operands[0]! : this.#lane("v128.not", [x], 0, x.isMask);
  }

  addBits(x: Lane, y: Lane): Lane {
    return this.#integer("add", [x, y]);
  }
  subBits(x: Lane, y: Lane): Lane {
    return this.#integer("sub", [x, y]);
  }
  shiftLeft(x: Lane, count: number): Lane {
    return this.#integer("shl", [x], count);
  }
  /** Fills with zeros. */
  shiftRight(x: Lane, count: number): Lane {
    return this.#integer("shr_u", [x], count);
  }
  eqBits(x: Lane, y: Lane): Lane {
    return this.#lane(`${this.#integers}.eq`, [x, y], 0, true);
  }
  /** Four integers as floats. */
  fromInteger(x: Lane): Lane {
    return this.#lane("f32x4.convert_i32x4_s", [x]);
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
    return this.#lane("f64x2.promote_low_f32x4", [half === 0 ? x : this.#lane("high", [x, x])]);
  }
  /** Two pairs of doubles as four floats. */
  narrow(low: Lane, high: Lane): Lane {
    return this.#lane("join", [
      this.#lane("f32x4.demote_f64x2_zero", [low]),
      this.#lane("f32x4.demote_f64x2_zero", [high]),
    ]);
  }

  /** The host's function of each element. */
  call(host: HostFunction, operands: readonly Lane[]): Lane {
    return this.#lane(`call.${this.type}`, operands, host);
  }
  /**
   * `lane`, but the host's function of the operands where the mask is set. The host is called behind a branch
   * that is taken only if the mask has an element, which should be rare.
   */
  rescue(lane: Lane, mask: Lane, host: HostFunction, operands: readonly Lane[]): Lane {
    return this.#lane(`rescue.${this.type}`, [lane, mask, ...operands], host);
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
