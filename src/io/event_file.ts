/** Event files as TensorBoard reads them: records in TensorFlow's framing, each an `Event` in protobuf's encoding. */

import { countInBars, finiteRange } from "../_internal/histogram.ts";

/** Numbers of an array, counted in buckets. */
export interface HistogramCounts {
  readonly min: number;
  readonly max: number;
  readonly count: number;
  readonly sum: number;
  readonly sumOfSquares: number;
  /** The upper ends of the buckets, ascending. */
  readonly limits: readonly number[];
  /** How many numbers each holds. */
  readonly counts: readonly number[];
}

/** What an event tells under a name. */
export type EventValue =
  | { readonly tag: string; readonly scalar: number }
  | { readonly tag: string; readonly histogram: HistogramCounts };

/** The first record of a file. */
export function fileHeader(seconds: number): Uint8Array<ArrayBuffer> {
  return record([...double(1, seconds), ...text(3, "brain.Event:2")]);
}

/**
 * A record of values at a step.
 *
 * @param seconds The time, in seconds since 1970
 */
export function eventRecord(
  seconds: number,
  step: number,
  values: readonly EventValue[],
): Uint8Array<ArrayBuffer> {
  const summary = values.flatMap((value) =>
    bytes(1, [
      ...text(1, value.tag),
      ..."scalar" in value ? float(2, value.scalar) : bytes(5, histogramMessage(value.histogram)),
    ])
  );
  return record([...double(1, seconds), ...integer(2, step), ...bytes(5, summary)]);
}

/** Counts the finite numbers of an array in buckets of equal width. */
export function countNumbers(data: ArrayLike<number>, buckets = 30): HistogramCounts {
  const { low: min, high: max, count } = finiteRange(data);
  if (count === 0) return { min: 0, max: 0, count: 0, sum: 0, sumOfSquares: 0, limits: [0], counts: [0] };
  let [sum, sumOfSquares] = [0, 0];
  for (let i = 0; i < data.length; i++) {
    if (!Number.isFinite(data[i]!)) continue;
    sum += data[i]!;
    sumOfSquares += data[i]! * data[i]!;
  }
  const width = (max - min) / buckets || 1;
  const counts = countInBars(data, min, width, buckets);
  return { min, max, count, sum, sumOfSquares, limits: counts.map((_, i) => min + (i + 1) * width), counts };
}

function histogramMessage(h: HistogramCounts): number[] {
  const numbers = [h.min, h.max, h.count, h.sum, h.sumOfSquares].flatMap((x, i) => double(i + 1, x));
  const packed = (list: readonly number[]): number[] => [...new Uint8Array(Float64Array.from(list).buffer)];
  return [...numbers, ...bytes(6, packed(h.limits)), ...bytes(7, packed(h.counts))];
}

/** A number of variable length: seven bits a byte, the lowest first. */
function varint(value: number): number[] {
  const out: number[] = [];
  for (; value >= 128; value = Math.floor(value / 128)) out.push(value % 128 + 128);
  out.push(value);
  return out;
}

/** Fields that are 0 are left out, as protobuf does. */
function double(field: number, value: number): number[] {
  return Object.is(value, 0)
    ? []
    : [...varint(field * 8 + 1), ...new Uint8Array(Float64Array.of(value).buffer)];
}

/** A field of its own kind is written also if it is 0. */
function float(field: number, value: number): number[] {
  return [...varint(field * 8 + 5), ...new Uint8Array(Float32Array.of(value).buffer)];
}

function integer(field: number, value: number): number[] {
  return value === 0 ? [] : [...varint(field * 8), ...varint(value)];
}

function bytes(field: number, content: readonly number[]): number[] {
  return [...varint(field * 8 + 2), ...varint(content.length), ...content];
}

function text(field: number, content: string): number[] {
  return bytes(field, [...new TextEncoder().encode(content)]);
}

/** Length, its checksum, the content, its checksum. */
function record(content: readonly number[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(content.length + 16);
  const view = new DataView(out.buffer);
  view.setBigUint64(0, BigInt(content.length), true);
  view.setUint32(8, maskedChecksum(out.subarray(0, 8)), true);
  out.set(content, 12);
  view.setUint32(12 + content.length, maskedChecksum(out.subarray(12, 12 + content.length)), true);
  return out;
}

/** CRC-32C (Castagnoli), turned and moved as TensorFlow's records have it. */
function maskedChecksum(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >>> 1 ^ 0x82f63b78 : crc >>> 1;
  }
  crc = ~crc >>> 0;
  return ((crc >>> 15 | crc << 17) + 0xa282ead8) >>> 0;
}
