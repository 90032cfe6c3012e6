import { describeValue } from "../_internal/format.ts";
import { message } from "../_internal/message.ts";
import { readFunction, readInteger, readOptions } from "../_internal/readers/mod.ts";
import { isOneWay, isSource, prefetchSource, shuffleSource, type Source, zipSources } from "./_sources.ts";
import { epochOrder, inOrder } from "./batches.ts";
import { type Batch, stackExamples } from "./examples.ts";
import { type RowArrays, TreeOfRows } from "./tree_of_rows.ts";

/** How many examples may be asked for before they are needed: each waits in memory. */
const MOST_PREFETCHED = 1 << 20;

/** Rows that any order can be taken of, so that nothing is copied row by row. */
interface RandomAccess {
  readonly rows: TreeOfRows;
  order(epoch: number): Uint32Array;
}

/** How a data set is put into random order. */
export interface ShuffleOptions {
  /** The same seed gives the same orders, another one for each epoch; 0 by default. */
  readonly seed?: number;
}

/** How examples are put into batches. */
export interface DatasetBatchOptions {
  /** Whether a last, smaller batch is left out; false by default. */
  readonly dropLast?: boolean;
}

/**
 * Examples that are made when they are asked for, so that they need not fit into memory: from arrays, generators or
 * files. Going through it once is an epoch; it can be gone through again. All methods give a new data set.
 *
 * An example is a number, an array, or a tuple or object of them; models train on tuples `[x, y]` or `[x, y, weights]`.
 *
 * @example
 * ```ts
 * import { Dataset } from "@tapegrad/tapegrad/data";
 *
 * const squares = Dataset.fromGenerator(function* () {
 *   for (let i = 0; i < 5; i++) yield [i, i * i] as const;
 * });
 * for await (const [x, y] of squares.filter(([x]) => x > 0).batch(2)) console.log(x.toNested(), y.toNested());
 * // [1, 2] [1, 4], then [3, 4] [9, 16]
 * ```
 */
export class Dataset<T> implements AsyncIterable<T> {
  /** The number of examples, if it is known. */
  readonly size: number | undefined;
  readonly #open: (epoch: number) => Source<T>;
  readonly #access: RandomAccess | undefined;
  #epoch = 0;

  private constructor(open: (epoch: number) => Source<T>, size: number | undefined, access?: RandomAccess) {
    this.#open = open;
    this.size = size;
    this.#access = access;
  }

  /**
   * The rows of arrays.
   *
   * @param arrays An array, or a tuple or object of arrays with the same number of rows: NdArrays, Variables, typed
   *   arrays or nested arrays of numbers
   * @throws {TypeError} If the numbers of rows differ, or there are no arrays
   *
   * @example
   * ```ts
   * import { Dataset } from "@tapegrad/tapegrad/data";
   *
   * const data = Dataset.fromArrays([[[1, 2], [3, 4], [5, 6]], Float32Array.of(0, 1, 0)]);
   * for await (const [x, y] of data.shuffle().batch(2)) console.log(x.shape, y.shape);
   * ```
   */
  static fromArrays<const A>(arrays: A): Dataset<RowArrays<A>> {
    const rows = new TreeOfRows(arrays);
    return Dataset.#fromRows(rows, () => inOrder(rows.count));
  }

  static #fromRows<T>(rows: TreeOfRows, order: (epoch: number) => Uint32Array): Dataset<T> {
    return new Dataset<T>(
      function* (epoch) {
        for (const row of order(epoch)) yield rows.row(row) as T;
      },
      rows.count,
      { rows, order },
    );
  }

  /**
   * What a generator makes.
   *
   * @param make Called for each epoch; returns an iterable or async iterable, such as a generator. An iterable that can
   *   be gone through again may be passed itself
   * @throws {TypeError} If it is something else
   *
   * @example
   * ```ts
   * import { Dataset } from "@tapegrad/tapegrad/data";
   *
   * const data = Dataset.fromGenerator(() => [1, 2, 3]);
   * console.log(await data.map((x) => 10 * x).toArray()); // [10, 20, 30]
   * ```
   */
  static fromGenerator<T>(make: ((epoch: number) => Source<T>) | Source<T>): Dataset<T> {
    if (typeof make !== "function" && !isSource(make)) {
      throw new TypeError(
        message`Cannot make a Dataset from ${describeValue(make)}: pass a function that returns an iterable`,
      );
    }
    let used = false;
    return new Dataset<T>((epoch) => {
      const source = typeof make === "function" ? make(epoch) : make;
      if (!isSource(source)) {
        throw new TypeError(
          message`Cannot go through the data: its function returned ${
            describeValue(source)
          }, return an iterable`,
        );
      }
      if (source === make && used && isOneWay(source)) {
        throw new TypeError(
          "Cannot go through the data again: it is used up, pass a function that makes it anew for each epoch",
        );
      }
      used = true;
      return source;
    }, undefined);
  }

  /**
   * The examples of several data sets side by side, as long as all have one.
   *
   * @param datasets A tuple of data sets
   * @throws {TypeError} If it holds anything else
   *
   * @example
   * ```ts
   * import { Dataset } from "@tapegrad/tapegrad/data";
   *
   * const [a, b] = [Dataset.fromGenerator([1, 2, 3]), Dataset.fromGenerator(["x", "y"])];
   * console.log(await Dataset.zip([a, b]).toArray()); // [[1, "x"], [2, "y"]]
   * ```
   */
  static zip<const D extends readonly Dataset<unknown>[]>(
    datasets: D,
  ): Dataset<{ -readonly [K in keyof D]: D[K] extends Dataset<infer T> ? T : never }> {
    const isRight = Array.isArray(datasets) && datasets.length > 0 &&
      datasets.every((each) => each instanceof Dataset);
    if (!isRight) throw new TypeError(message`Cannot zip ${datasets}: pass an array of Datasets`);
    const sizes = datasets.map(({ size }) => size);
    const size = sizes.some((each) => each === undefined) ? undefined : Math.min(...sizes as number[]);
    return new Dataset((epoch) => zipSources(datasets.map((each) => each.epoch(epoch))), size) as never;
  }

  /** Goes through the examples; each time is the next epoch. */
  [Symbol.asyncIterator](): AsyncGenerator<T, void, unknown> {
    return this.epoch(this.#epoch++);
  }

  /**
   * Goes through the examples as in a given epoch: in the same order whenever it is asked for.
   *
   * @param number Counted from 0
   * @throws {RangeError} If it is not an integer from 0 up
   */
  async *epoch(number: number): AsyncGenerator<T, void, unknown> {
    readInteger("epoch", "the number of the epoch", number, 0);
    yield* this.#open(number);
  }

  /** All examples in one array; for small data sets. */
  toArray(): Promise<T[]> {
    return Array.fromAsync(this);
  }

  /**
   * The result of a function for each example.
   *
   * @param f May be async
   * @throws {TypeError} If it is no function
   */
  map<U>(f: (example: T) => U | Promise<U>): Dataset<U> {
    readFunction("map", "the function", f);
    const open = this.#open;
    return new Dataset(async function* (epoch): AsyncGenerator<U, void, unknown> {
      for await (const example of open(epoch)) yield f(example);
    }, this.size);
  }

  /**
   * The examples that a condition holds for.
   *
   * @param accept May be async
   * @throws {TypeError} If it is no function
   */
  filter(accept: (example: T) => boolean | Promise<boolean>): Dataset<T> {
    readFunction("filter", "the condition", accept);
    const open = this.#open;
    return new Dataset(async function* (epoch): AsyncGenerator<T, void, unknown> {
      for await (const example of open(epoch)) if (await accept(example)) yield example;
    }, undefined);
  }

  /**
   * The examples in random order, another one in each epoch. Rows of arrays are put in any order; of others, each is
   * drawn from a buffer of the next ones.
   *
   * @param bufferSize How many examples the buffer holds; 1,024 by default. Rows of arrays need none
   * @param options The seed
   * @throws {RangeError} If the size is not an integer from 1 up, or the seed not one from 0 up
   */
  shuffle(bufferSize: number = 1024, options?: ShuffleOptions): Dataset<T> {
    readInteger("shuffle", "the size of the buffer", bufferSize, 1);
    const { seed } = readOptions("shuffle", options, { seed: 0 });
    readInteger("shuffle", "the option seed", seed, 0);
    if (this.#access !== undefined) {
      const { rows, order } = this.#access;
      return Dataset.#fromRows(rows, (epoch) => {
        const before = order(epoch);
        return epochOrder(seed, epoch, before.length).map((i) => before[i]!);
      });
    }
    const open = this.#open;
    return new Dataset((epoch) => shuffleSource(open(epoch), bufferSize, seed, epoch), this.size);
  }

  /**
   * Batches of examples: an array with a first axis in the place of each number or array. Numbers become float32.
   *
   * @param batchSize The number of examples in each batch
   * @param options Whether a last, smaller batch is left out
   * @throws {RangeError} If the size is not an integer from 1 up
   * @throws {TypeError} If the examples differ in structure or shapes, or hold anything but numbers (when they are
   *   gone through)
   */
  batch(batchSize: number, options?: DatasetBatchOptions): Dataset<Batch<T>> {
    readInteger("batch", "the size of a batch", batchSize, 1);
    const { dropLast } = readOptions("batch", options, { dropLast: false });
    const count = this.size === undefined
      ? undefined
      : dropLast
      ? Math.floor(this.size / batchSize)
      : Math.ceil(this.size / batchSize);
    if (this.#access !== undefined) {
      const { rows, order } = this.#access;
      return new Dataset(function* (epoch): Generator<Batch<T>, void, unknown> {
        const all = order(epoch);
        for (let start = 0; start < all.length; start += batchSize) {
          if (dropLast && start + batchSize > all.length) return;
          yield rows.rows(all.subarray(start, start + batchSize)) as Batch<T>;
        }
      }, count);
    }
    const open = this.#open;
    return new Dataset(async function* (epoch): AsyncGenerator<Batch<T>, void, unknown> {
      let examples: T[] = [];
      for await (const example of open(epoch)) {
        examples.push(example);
        if (examples.length < batchSize) continue;
        yield stackExamples(examples);
        examples = [];
      }
      if (examples.length > 0 && !dropLast) yield stackExamples(examples);
    }, count);
  }

  /**
   * The same examples, asked for before they are needed, so that reading and training go on at the same time.
   *
   * @param count How many to ask for ahead; 1 by default
   * @throws {RangeError} If it is not an integer from 1 up
   */
  prefetch(count: number = 1): Dataset<T> {
    readInteger("prefetch", "the number of examples", count, 1, MOST_PREFETCHED);
    return new Dataset((epoch) => prefetchSource(this.epoch(epoch), count), this.size);
  }

  /**
   * The examples several times over, as one epoch.
   *
   * @param count How often; without end by default
   * @throws {RangeError} If it is not an integer from 1 up
   */
  repeat(count: number = Infinity): Dataset<T> {
    if (count !== Infinity) readInteger("repeat", "the number of times", count, 1);
    const open = this.#open;
    const size = this.size === undefined ? undefined : this.size * count;
    return new Dataset(async function* (epoch): AsyncGenerator<T, void, unknown> {
      // Without end there is only one epoch.
      const first = count === Infinity ? epoch : epoch * count;
      for (let i = 0; i < count; i++) yield* open(first + i);
    }, size);
  }

  /**
   * The first examples.
   *
   * @param count How many
   * @throws {RangeError} If it is not an integer from 0 up
   */
  take(count: number): Dataset<T> {
    readInteger("take", "the number of examples", count, 0);
    const open = this.#open;
    const size = this.size === undefined ? undefined : Math.min(this.size, count);
    return new Dataset(async function* (epoch): AsyncGenerator<T, void, unknown> {
      if (count === 0) return;
      let taken = 0;
      for await (const example of open(epoch)) {
        yield example;
        if (++taken === count) return;
      }
    }, size);
  }

  /**
   * All but the first examples.
   *
   * @param count How many are left out
   * @throws {RangeError} If it is not an integer from 0 up
   */
  skip(count: number): Dataset<T> {
    readInteger("skip", "the number of examples", count, 0);
    const open = this.#open;
    const size = this.size === undefined ? undefined : Math.max(this.size - count, 0);
    return new Dataset(async function* (epoch): AsyncGenerator<T, void, unknown> {
      let passed = 0;
      for await (const example of open(epoch)) if (passed++ >= count) yield example;
    }, size);
  }
}
