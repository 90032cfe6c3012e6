import { threefry, unitInterval } from "../_internal/threefry.ts";
import { epochKey } from "./batches.ts";

/** What can be gone through. */
export type Source<T> = Iterable<T> | AsyncIterable<T>;

/** Whether a value can be gone through. */
export function isSource(value: unknown): value is Source<never> {
  return typeof value === "object" && value !== null &&
    (Symbol.iterator in value || Symbol.asyncIterator in value);
}

/** Whether an iterable is its own iterator, or a stream, and so can be gone through but once. */
export function isOneWay(source: Source<unknown>): boolean {
  if (source instanceof ReadableStream) return true;
  const make = (source as AsyncIterable<unknown>)[Symbol.asyncIterator] ??
    (source as Iterable<unknown>)[Symbol.iterator];
  return "next" in source && make.call(source) as unknown === source;
}

/** The values of several sources side by side, as long as all have one. */
export async function* zipSources(
  sources: readonly AsyncGenerator<unknown, void, unknown>[],
): AsyncGenerator<unknown[]> {
  try {
    for (;;) {
      const next = await Promise.all(sources.map((source) => source.next()));
      if (next.some(({ done }) => done)) return;
      yield next.map(({ value }) => value);
    }
  } finally {
    await Promise.all(sources.map((source) => source.return(undefined)));
  }
}

/** Draws each example from a buffer of the next ones. */
export async function* shuffleSource<T>(
  source: Source<T>,
  bufferSize: number,
  seed: number,
  epoch: number,
): AsyncGenerator<T, void, unknown> {
  const [key0, key1] = epochKey(seed, epoch);
  const buffer: T[] = [];
  let drawn = 0;
  const draw = (): T => {
    const i = Math.floor(unitInterval(...threefry(key0, key1, drawn++, 0)) * buffer.length);
    const example = buffer[i]!;
    buffer[i] = buffer.at(-1)!;
    buffer.pop();
    return example;
  };
  for await (const example of source) {
    buffer.push(example);
    if (buffer.length > bufferSize) yield draw();
  }
  while (buffer.length > 0) yield draw();
}

/** Asks for so many values before they are needed. */
export async function* prefetchSource<T>(
  source: AsyncGenerator<T, void, unknown>,
  count: number,
): AsyncGenerator<T, void, unknown> {
  const waiting: Promise<IteratorResult<T, void>>[] = [];
  const ask = (): void => {
    const next = source.next();
    // Told where it is waited for.
    next.catch(() => {});
    waiting.push(next);
  };
  try {
    for (let i = 0; i < count; i++) ask();
    for (;;) {
      ask();
      const { done, value } = await waiting.shift()!;
      if (done) return;
      yield value as T;
    }
  } finally {
    await source.return(undefined);
  }
}
