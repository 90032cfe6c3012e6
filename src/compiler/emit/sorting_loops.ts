/** Loops that sort by digits, from the lowest to the highest (Knuth, The Art of Computer Programming 3, section 5.2.5). */
import type { DType } from "../../array/dtype.ts";
import {
  $,
  type Address,
  addressFunction,
  br_if,
  f32,
  f64,
  i32,
  if_,
  local,
  loop,
  memory,
  v128,
  type WasmFunction,
} from "../wasm/writer.ts";
import { step } from "./control_flow.ts";

/** How numbers are sorted. */
export interface Order {
  readonly dtype: DType;
  readonly descending: boolean;
  /** The bits of a digit. */
  readonly bits: number;
}

/** A digit: which word of a record, in bytes, and which bits of it. */
interface Digit {
  readonly word: number;
  readonly shift: number;
}

const SIGN = -0x80000000;

/** Bytes of a record: the words of a key, the lower one first, then the position it comes from. */
export function recordBytes(dtype: DType): 8 | 16 {
  return dtype === "float32" ? 8 : 16;
}

/** The digits of a key, the lowest one first. */
export function digitsOf({ dtype, bits }: Order): Digit[] {
  const words = dtype === "float32" ? [0] : [0, 4];
  const shifts = Array.from({ length: Math.ceil(32 / bits) }, (_, i) => i * bits);
  return words.flatMap((word) => shifts.map((shift) => ({ word, shift })));
}

/** Bytes of the counts of all values of a digit. */
export function countBytes({ bits }: Order): number {
  return 4 << bits;
}

/** A function of the addresses of numbers, which are a row, and of all records, and of which of them to make records. */
export function emitKeys(order: Order): WasmFunction {
  return addressFunction(
    4,
    { addresses: 4, vectors: 0 },
    ([x, records, begin, length], [low, high, mask, at]) => {
      i32.add(i32.mul(begin!, recordBytes(order.dtype)), records!);
      local.set(records!);
      local.set(at!, begin!);
      const locals = { low: low!, high: high!, mask: mask! };
      whileCounting(
        length!,
        () => writeKey(order, x!, order.dtype === "float32" ? 4 : 8, records!, at!, locals),
      );
    },
  );
}

/** A function of the addresses of all records and of counts, and of a part of the records whose digits it counts. */
export function emitCount(order: Order, digit: Digit): WasmFunction {
  return addressFunction(4, { addresses: 1, vectors: 0 }, ([records, counts, begin, length], [at]) => {
    i32.add(i32.mul(begin!, recordBytes(order.dtype)), records!);
    local.set(records!);
    count(order, digit, records!, counts!, length!, at!);
  });
}

/** A function of the address of the counts of parts, which it turns into where the records of each begin. */
export function emitPlaces(order: Order, parts: number): WasmFunction {
  return addressFunction(1, { addresses: 6, vectors: 0 }, ([counts], own) => {
    const [digits, rest, at, sum, found] = own as [Address, Address, Address, Address, Address, Address];
    turnIntoPlaces(order, counts!, parts, { digits, rest, at, sum, found });
  });
}

/** A function of the addresses of all records, of where they go, and of places, and of a part that it moves there. */
export function emitMove(order: Order, digit: Digit): WasmFunction {
  return addressFunction(
    5,
    { addresses: 2, vectors: 0 },
    ([records, to, places, begin, length], [at, place]) => {
      i32.add(i32.mul(begin!, recordBytes(order.dtype)), records!);
      local.set(records!);
      move(order, digit, records!, to!, places!, length!, at!, place!);
    },
  );
}

/** A function of the addresses of all records and of a part of the result, and of that part: writes where they come from. */
export function emitPositions(order: Order): WasmFunction {
  return addressFunction(4, { addresses: 0, vectors: 0 }, ([records, out, begin, length]) => {
    i32.add(i32.mul(begin!, recordBytes(order.dtype)), records!);
    local.set(records!);
    writePositions(order, records!, out!, 8, length!);
  });
}

/**
 * A function of the addresses of all numbers, of all results and of workspace for two rows of records and the counts of
 * a digit, and of which rows to sort: those along the middle axis of `[rows / inner, count, inner]`.
 */
export function emitSortRows(order: Order, length: number, inner: number): WasmFunction {
  const { dtype } = order;
  const bytes = dtype === "float32" ? 4 : 8;
  return addressFunction(5, { addresses: 13, vectors: 0 }, ([x, out, work, begin, rows], own) => {
    const [start, from, at, low, high, mask, records, to, counts, n, rest, sum, found] =
      own as readonly Address[];
    const size = length * recordBytes(dtype);
    local.set(counts!, i32.add(work!, 2 * size));
    whileCounting(rows!, () => {
      // The first element of the row, counted from the first one of all.
      i32.mul(i32.div_u(begin!, inner), length * inner);
      local.set(start!, i32.add($, i32.rem_u(begin!, inner)));
      local.set(from!, i32.add(i32.mul(start!, bytes), x!));
      local.set(records!, work!);
      local.set(at!, 0);
      local.set(n!, length);
      const key = { low: low!, high: high!, mask: mask! };
      whileCounting(n!, () => writeKey(order, from!, bytes * inner, records!, at!, key));
      local.set(low!, work!);
      local.set(high!, i32.add(work!, size));
      for (const digit of digitsOf(order)) {
        local.set(records!, low!);
        local.set(n!, length);
        count(order, digit, records!, counts!, n!, at!);
        turnIntoPlaces(order, counts!, 1, { digits: n!, rest: rest!, at: at!, sum: sum!, found: found! });
        local.set(records!, low!);
        local.set(to!, high!);
        local.set(n!, length);
        move(order, digit, records!, to!, counts!, n!, at!, found!);
        // What was written is read next.
        local.set(high!, low!);
        local.set(low!, to!);
      }
      local.set(records!, low!);
      local.set(from!, i32.add(i32.mul(start!, 8), out!));
      local.set(n!, length);
      writePositions(order, records!, from!, 8 * inner, n!);
      step(begin!, 1);
    });
  });
}

/** Repeats code as often as a counter says, at least once. */
function whileCounting(counter: Address, code: () => void): void {
  loop({}, (label) => {
    code();
    i32.sub(counter, 1);
    local.tee(counter);
    br_if(label);
  });
}

/** Writes the record of the number at `x`: its key has the order of the numbers as an unsigned integer. */
function writeKey(
  { dtype, descending }: Order,
  x: Address,
  stride: number,
  records: Address,
  at: Address,
  { low, high, mask }: Readonly<Record<"low" | "high" | "mask", Address>>,
): void {
  const isNarrow = dtype === "float32";
  const type = isNarrow ? f32 : f64;
  const words = isNarrow ? [low] : [low, high];
  const top = words.at(-1)!;
  words.forEach((word, i) => local.set(word, i32.load({ offset: 4 * i }, x)));
  // -0 becomes 0.
  i32.shl(top, 1);
  if (!isNarrow) i32.or($, low);
  i32.eqz();
  if_({}, () => local.set(top, 0));
  // The bits of a number below 0 are in reverse order; above 0 only the sign has to be turned.
  local.set(mask, i32.shr_s(top, 31));
  for (const word of words) local.set(word, i32.xor(word, mask));
  i32.and(i32.xor(mask, -1), SIGN);
  local.set(top, i32.xor($, top));
  type.load({}, x);
  type.load({}, x);
  type.ne();
  if_({}, () => words.forEach((word) => local.set(word, -1)));
  words.forEach((word, i) => {
    local.get(records);
    i32.xor(word, descending ? -1 : 0);
    i32.store({ offset: 4 * i });
  });
  i32.store({ offset: 4 * words.length }, records, at);
  step(x, stride);
  step(records, recordBytes(dtype));
  step(at, 1);
}

/** Sets the address of the count of a record's digit. */
function setCount(
  { bits }: Order,
  { word, shift }: Digit,
  records: Address,
  counts: Address,
  at: Address,
): void {
  i32.shr_u(i32.load({ offset: word }, records), shift);
  i32.and($, (1 << bits) - 1);
  i32.shl($, 2);
  local.set(at, i32.add($, counts));
}

/** Counts the records of each digit. */
function count(
  order: Order,
  digit: Digit,
  records: Address,
  counts: Address,
  length: Address,
  at: Address,
): void {
  local.get(counts);
  i32.const(0);
  i32.const(countBytes(order));
  memory.fill();
  whileCounting(length, () => {
    setCount(order, digit, records, counts, at);
    local.get(at);
    i32.add(i32.load({}, at), 1);
    i32.store({});
    step(records, recordBytes(order.dtype));
  });
}

/** Turns counts into the places where the records begin: digit by digit, part by part. */
function turnIntoPlaces(
  order: Order,
  counts: Address,
  parts: number,
  { digits, rest, at, sum, found }: Readonly<Record<"digits" | "rest" | "at" | "sum" | "found", Address>>,
): void {
  local.set(sum, 0);
  local.set(digits, 0);
  loop({}, (label) => {
    local.set(at, i32.add(digits, counts));
    local.set(rest, parts);
    whileCounting(rest, () => {
      local.set(found, i32.load({}, at));
      i32.store({}, at, sum);
      local.set(sum, i32.add(sum, found));
      step(at, countBytes(order));
    });
    step(digits, 4);
    i32.ne(digits, countBytes(order));
    br_if(label);
  });
}

/** Moves records to the places of their digits. */
function move(
  order: Order,
  digit: Digit,
  records: Address,
  to: Address,
  places: Address,
  length: Address,
  at: Address,
  place: Address,
): void {
  const bytes = recordBytes(order.dtype);
  whileCounting(length, () => {
    setCount(order, digit, records, places, at);
    local.set(place, i32.load({}, at));
    local.get(at);
    i32.add(place, 1);
    i32.store({});
    local.set(place, i32.add(i32.mul(place, bytes), to));
    local.get(place);
    if (bytes === 16) {
      v128.load({}, records);
      v128.store({});
    } else {
      v128.load64_zero({}, records);
      v128.store64_lane({}, 0);
    }
    step(records, bytes);
  });
}

/** Writes the positions that records come from. */
function writePositions(order: Order, records: Address, out: Address, stride: number, length: Address): void {
  whileCounting(length, () => {
    local.get(out);
    f64.convert_i32_u(i32.load({ offset: order.dtype === "float32" ? 4 : 8 }, records));
    f64.store({});
    step(records, recordBytes(order.dtype));
    step(out, stride);
  });
}
