import { readBoolean } from "../_internal/readers/mod.ts";
import { message } from "../_internal/message.ts";
import type { Value } from "../array/value.ts";
import { printValue } from "./rule_text.ts";
import { Tape } from "./tape.ts";

let active = false;
/** The user's line that recorded each row, while debugging. */
const lines: string[] = [];
const { record, recordScalar } = Tape.prototype;
/** Frames of the stack that lie in here are not the user's. */
const SOURCES = new URL("../", import.meta.url).href;

/** Whether {@linkcode debugNans} is on. */
export function debugging(): boolean {
  return active;
}

/** What {@linkcode debugNans} returns: at the end of a `using` block the earlier setting is back. */
export interface DebugSetting extends Disposable {
  /** Whether debugging was on before. */
  readonly previous: boolean;
}

/**
 * Stops at the first value that is not finite, with an error that names the operation, its row on the tape, its
 * operands and the line of your code that recorded it. Recording, the walk backwards and the walk forwards are
 * watched; an infinity that comes from an operand that was infinite already is let through, NaN never is.
 * Costs nothing while off, and much while on.
 *
 * @param on Whether to watch; true by default
 * @returns The earlier setting, which a `using` declaration brings back at the end of its block
 *
 * @example
 * ```ts
 * import { debugNans, grad, type Variable } from "@tapegrad/tapegrad";
 *
 * using _ = debugNans();
 * try {
 *   grad((x: Variable) => x.sqrt().mul(0))(0);
 * } catch (error) {
 *   console.log((error as Error).message.split(",")[0]);
 *   // Cannot walk backwards: sqrt at row 1 passes Infinity to operand 0
 * }
 * ```
 */
export function debugNans(on: boolean = true): DebugSetting {
  readBoolean("debugNans", "whether to watch", on);
  const previous = active;
  setActive(on);
  return { previous, [Symbol.dispose]: () => setActive(previous) };
}

function setActive(on: boolean): void {
  if (on === active) return;
  active = on;
  // The methods are exchanged, so that the usual ones need not ask.
  Tape.prototype.record = on ? watch(record) : record;
  Tape.prototype.recordScalar = on ? watch(recordScalar) : recordScalar;
  lines.length = 0;
}

function watch<A extends unknown[]>(append: (this: Tape, ...args: A) => number): typeof append {
  return function (this: Tape, ...args: A): number {
    const row = append.apply(this, args);
    lines[row] = userLine();
    const value = this.valueOf(row);
    const odd = findOdd(value, this.operandsOf(row).map((operand) => this.valueOf(operand)));
    if (odd !== undefined) {
      throw new RangeError(
        message`Cannot go on recording: ${this.operationName(row)} at row ${row} gave
        ${odd}, ${about(this, row)}`,
      );
    }
    return row;
  };
}

/** Throws if the adjoint that a row passes to its operand k is not finite. */
export function checkAdjoint(tape: Tape, row: number, k: number, adjoint: Value, given: Value): void {
  const odd = findOdd(adjoint, [given]);
  if (odd === undefined) return;
  throw new RangeError(
    message`Cannot walk backwards: ${tape.operationName(row)} at row ${row} passes ${odd}
    to operand ${k}, its own adjoint is ${printValue(given)}, ${about(tape, row)}`,
  );
}

/** Throws if the tangent of a row is not finite. */
export function checkTangent(tape: Tape, row: number, tangent: Value): void {
  const odd = findOdd(tangent, []);
  if (odd === undefined) return;
  throw new RangeError(
    message`Cannot walk forwards: the tangent of ${tape.operationName(row)} at row ${row}
    is ${odd}, ${about(tape, row)}`,
  );
}

/** The first number that is NaN, or is infinite where no source is. */
function findOdd(value: Value, sources: readonly Value[]): number | undefined {
  const odd = firstOdd(value);
  if (odd === undefined || Number.isNaN(odd)) return odd;
  return sources.some((source) => firstOdd(source) !== undefined) ? undefined : odd;
}

function firstOdd(value: Value): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? undefined : value;
  const { data } = value;
  let odd: number | undefined;
  for (let i = 0; i < data.length; i++) {
    if (Number.isNaN(data[i]!)) return NaN;
    if (odd === undefined && !Number.isFinite(data[i]!)) odd = data[i]!;
  }
  return odd;
}

function about(tape: Tape, row: number): string {
  const operands = tape.operandsOf(row).map((operand) => {
    const name = tape.nameOf(operand);
    return `%${operand}${name === undefined ? "" : ` ${name}`} = ${printValue(tape.valueOf(operand))}`;
  });
  return `its operands are ${operands.join("; ")}; recorded at ${lines[row] ?? "an unknown line"}`;
}

/** The place in the user's code that is running. */
function userLine(): string {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 100;
  const stack = new Error().stack ?? "";
  Error.stackTraceLimit = limit;
  for (const frame of stack.split("\n")) {
    const place = /\(?([a-z]+:[^()\s]*:\d+:\d+)\)?$/.exec(frame)?.[1];
    if (place === undefined || place.startsWith(SOURCES) || /^(ext|node):/.test(place)) continue;
    return place;
  }
  return "an unknown line";
}
