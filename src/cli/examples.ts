import { message } from "../_internal/message.ts";
import { NdArray } from "../array/nd_array.ts";
import { Dataset, type Scaler, scalerFrom, trainTestSplit } from "../data/mod.ts";
import type { ChosenColumns } from "./choose_columns.ts";
import { RowEncoder } from "./encoder.ts";
import type { CsvFile } from "./rows.ts";
import { type Feature, inputNames, type Schema, type Target, widthOf } from "./schema.ts";
import { hashToUnit, RunningStatistics } from "./statistics.ts";

/** What a row is for. */
export type Part = "train" | "validation" | "test" | "none";
const PARTS: readonly Part[] = ["none", "train", "validation", "test"];

/** Tables of more numbers than these are read from the file in each epoch. */
const MOST_IN_MEMORY = 2 ** 23;
/** Rows of a stream that are put in random order together. */
const SHUFFLED = 4096;

/** How the rows are parted. */
export interface SplitWishes {
  /** The share to test on. */
  readonly test: number;
  /** The share to measure on after each epoch. */
  readonly validation: number;
  readonly seed: number;
  /** Whether to read from the file in each epoch, however small it is. */
  readonly stream: boolean;
}

/** Batches, as models train on them. */
type Batches = AsyncIterable<readonly [NdArray, NdArray]>;

/** What a model is trained on. */
export interface TrainingExamples {
  readonly schema: Pick<Schema, "features" | "target" | "scaler" | "missing">;
  readonly counts: { readonly [part in Part]: number };
  /** What a row of the file is for. */
  partOf(rowNumber: number): Part;
  /** The examples in memory, or batches of them from the file. */
  readonly arrays: { readonly [part in "train" | "validation"]: readonly [NdArray, NdArray] } | undefined;
  batches(part: "train" | "validation", batchSize: number): Batches;
}

/** A row as numbers. */
interface Encoded {
  readonly rowNumber: number;
  readonly numbers: Float64Array;
  readonly label: number;
}

/**
 * Parts the rows of a file, and learns from those to train on what fills gaps and how columns are scaled: in a pass
 * over the file.
 *
 * @param rowCount The number of rows in the file
 * @throws {RangeError} If there are too few rows
 */
export async function readExamples(
  file: CsvFile,
  rowCount: number,
  { features, target }: ChosenColumns,
  missing: Schema["missing"],
  wishes: SplitWishes,
): Promise<TrainingExamples> {
  const draft = { features, target, missing } as Pick<Schema, "features" | "target" | "missing">;
  const inMemory = !wishes.stream && rowCount * widthOf(features) <= MOST_IN_MEMORY;
  const rows = inMemory ? await encodeAll(file, draft, rowCount) : undefined;
  const partOf = rows === undefined ? partByHash(wishes) : partInMemory(rows, rowCount, target, wishes);
  const columns = inputNames(features).map(() => new RunningStatistics(makeRandom(wishes.seed)));
  const labels = new RunningStatistics(makeRandom(wishes.seed));
  const counts = { train: 0, validation: 0, test: 0, none: 0 };
  for await (const { rowNumber, numbers, label } of rows ?? encodedRows(file, draft)) {
    const part = partOf(rowNumber);
    counts[part]++;
    if (part !== "train") continue;
    columns.forEach((column, k) => Number.isNaN(numbers[k]!) || column.add(numbers[k]!));
    labels.add(label);
  }
  counts.none = rowCount - counts.train - counts.validation - counts.test;
  const learnt = learn(file, draft, columns, labels);
  const examples = new Scaling(learnt);
  const batches = (part: "train" | "validation", batchSize: number): Batches => {
    const data = Dataset.fromGenerator(async function* () {
      for await (const { numbers, label } of encodedRows(file, learnt, (row) => partOf(row) === part)) {
        yield [numbers, examples.label(label)] as const;
      }
    });
    const mixed = part === "train" ? data.shuffle(SHUFFLED, { seed: wishes.seed }) : data;
    return mixed.batch(batchSize).map(([x, y]) => [examples.scaler.transform(x), y] as const).prefetch(2);
  };
  const take = (from: EncodedTable, part: "train" | "validation"): readonly [NdArray, NdArray] =>
    examples.arrays(from, (rowNumber) => partOf(rowNumber) === part, counts[part]);
  const arrays = rows && { train: take(rows, "train"), validation: take(rows, "validation") };
  return { schema: learnt, counts, partOf, arrays, batches };
}

/** Rows as numbers, one behind the other. */
class EncodedTable implements Iterable<Encoded> {
  readonly rowNumbers: Uint32Array;
  readonly labels: Float64Array;
  readonly #numbers: Float64Array;
  readonly #width: number;
  #length = 0;

  constructor(mostRows: number, width: number) {
    this.rowNumbers = new Uint32Array(mostRows);
    this.labels = new Float64Array(mostRows);
    this.#numbers = new Float64Array(mostRows * width);
    this.#width = width;
  }

  get length(): number {
    return this.#length;
  }

  push({ rowNumber, numbers, label }: Encoded): void {
    this.rowNumbers[this.#length] = rowNumber;
    this.labels[this.#length] = label;
    this.#numbers.set(numbers, this.#length++ * this.#width);
  }

  *[Symbol.iterator](): Generator<Encoded, void, unknown> {
    for (let i = 0; i < this.#length; i++) {
      const numbers = this.#numbers.subarray(i * this.#width, (i + 1) * this.#width);
      yield { rowNumber: this.rowNumbers[i]!, numbers, label: this.labels[i]! };
    }
  }
}

/** The rows of a file in memory. */
async function encodeAll(
  file: CsvFile,
  schema: Pick<Schema, "features" | "target" | "missing">,
  rowCount: number,
): Promise<EncodedTable> {
  const table = new EncodedTable(rowCount, widthOf(schema.features));
  for await (const row of encodedRows(file, schema)) table.push(row);
  return table;
}

/** The rows of a file, or some of them, that have all that is needed. */
async function* encodedRows(
  file: CsvFile,
  schema: Pick<Schema, "features" | "target" | "missing">,
  accept: (rowNumber: number) => boolean = () => true,
): AsyncGenerator<Encoded, void, unknown> {
  const encoder = new RowEncoder(file, schema);
  for await (const row of file.rows()) {
    if (!accept(row.number)) continue;
    const label = encoder.label(row);
    const numbers = new Float64Array(encoder.width);
    if (label === undefined || !encoder.encode(row, numbers, 0)) continue;
    yield { rowNumber: row.number, numbers, label };
  }
}

/** Which part each row belongs to, drawn by its number alone. */
function partByHash({ test, validation, seed }: SplitWishes): (rowNumber: number) => Part {
  return (rowNumber) => {
    const drawn = hashToUnit(seed, rowNumber);
    return drawn < test ? "test" : drawn < test + (1 - test) * validation ? "validation" : "train";
  };
}

/** Which part each row belongs to, each class in the same proportion. */
function partInMemory(
  rows: EncodedTable,
  rowCount: number,
  target: Target,
  { test, validation, seed }: SplitWishes,
): (rowNumber: number) => Part {
  const parts = new Uint8Array(rowCount + 1);
  const mark = (places: NdArray, part: Part): void => {
    for (const place of places.data) parts[rows.rowNumbers[place]!] = PARTS.indexOf(part);
  };
  const split = (places: ArrayLike<number>, testFraction: number): { train: NdArray; test: NdArray } => {
    const features = new NdArray(Float64Array.from(places), [places.length, 1]);
    const labels = new NdArray(Float64Array.from(places, (place) => rows.labels[place]!));
    if (testFraction === 0) return { train: features, test: new NdArray(new Float64Array(0), [0, 1]) };
    const stratify = target.task === "classification";
    const both = trainTestSplit({ features, labels }, { testFraction, seed, stratify });
    return { train: both.train.features, test: both.test.features };
  };
  if (rows.length > 0) {
    const outer = split(Uint32Array.from({ length: rows.length }, (_, place) => place), test);
    const inner = split(outer.train.data, validation);
    mark(outer.test, "test");
    mark(inner.test, "validation");
    mark(inner.train, "train");
  }
  return (rowNumber) => PARTS[parts[rowNumber]!]!;
}

/** What fills gaps and how columns are scaled, by the statistics of each. */
function learn(
  file: CsvFile,
  { features, target, missing }: Pick<Schema, "features" | "target" | "missing">,
  columns: readonly RunningStatistics[],
  labels: RunningStatistics,
): TrainingExamples["schema"] {
  if (labels.count === 0) {
    throw new RangeError(
      message`Cannot train on ${file.name}: no row is left to train on${
        missing === "drop" ? ", use another --missing than drop" : ""
      }`,
    );
  }
  let at = 0;
  const offsets: number[] = [];
  const scales: number[] = [];
  const filled = features.map((feature): Feature => {
    if (feature.kind === "category") {
      offsets.push(...feature.values.map(() => 0));
      scales.push(...feature.values.map(() => 1));
      at += feature.values.length;
      return feature;
    }
    const column = columns[at++]!;
    if (column.count === 0) {
      throw new RangeError(
        message`Cannot use the column ${feature.name} of ${file.name}: it has no values in the rows to train on`,
      );
    }
    offsets.push(column.mean);
    scales.push(column.scale);
    return { ...feature, filling: missing === "median" ? column.median : column.mean };
  });
  return {
    features: filled,
    missing,
    scaler: { kind: "standard", offsets, scales },
    target: target.task === "classification"
      ? target
      : { ...target, scaler: { kind: "standard", offsets: [labels.mean], scales: [labels.scale] } },
  };
}

/** Brings rows to the form that the model is trained on. */
class Scaling {
  readonly scaler: Scaler;
  readonly #features: readonly Feature[];
  readonly #offset: number;
  readonly #scale: number;

  constructor({ features, target, scaler }: TrainingExamples["schema"]) {
    this.scaler = scalerFrom(scaler);
    this.#features = features;
    const { offsets: [offset = 0], scales: [scale = 1] } = target.task === "regression"
      ? target.scaler
      : { offsets: [0], scales: [1] };
    this.#offset = offset;
    this.#scale = scale;
  }

  /** The number that the model is to give for a label. */
  label(value: number): number {
    return (value - this.#offset) / this.#scale;
  }

  /** Some of the rows that were encoded before it was known what fills their gaps. */
  arrays(
    table: EncodedTable,
    accept: (rowNumber: number) => boolean,
    count: number,
  ): readonly [NdArray, NdArray] {
    const width = widthOf(this.#features);
    const fillings = this.#features.flatMap((feature) =>
      feature.kind === "number" ? [feature.filling] : feature.values.map(() => 0)
    );
    const x = new Float64Array(count * width);
    const y = new Float64Array(count);
    let at = 0;
    for (const { rowNumber, numbers, label } of table) {
      if (!accept(rowNumber)) continue;
      for (let k = 0; k < width; k++) {
        x[at * width + k] = Number.isNaN(numbers[k]!) ? fillings[k]! : numbers[k]!;
      }
      y[at++] = this.label(label);
    }
    return [this.scaler.transform(new NdArray(x, [count, width])), new NdArray(y)];
  }
}

function makeRandom(seed: number): () => number {
  let number = 0;
  return () => hashToUnit(seed, ++number);
}
