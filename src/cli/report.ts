import { short, type Target } from "./schema.ts";

/** Matrices of more classes are too wide for a terminal. */
const MOST_COLUMNS = 12;
/** Names longer than this are cut in tables. */
const LONGEST_NAME = 16;

/** How right predictions were, as they come one by one. */
export interface Report {
  /** Takes in a row: the label, and the numbers that the model gave, of classification one for each class. */
  add(label: number, output: ArrayLike<number>, at: number, rowNumber: number): void;
  /** The numbers by name. */
  toJSON(): { readonly [name: string]: unknown };
  /** Tables for people. */
  toString(): string;
}

/** A report of predictions of a column. */
export function reportOf(target: Target): Report {
  if (target.task === "classification") return new ClassReport(target.classes);
  const { offsets: [offset = 0], scales: [scale = 1] } = target.scaler;
  return new ErrorReport(offset, scale);
}

class ClassReport implements Report {
  readonly #classes: readonly string[];
  /** How often each class (row) was taken for each (column). */
  readonly #counts: Float64Array;

  constructor(classes: readonly string[]) {
    this.#classes = classes;
    this.#counts = new Float64Array(classes.length ** 2);
  }

  add(label: number, output: ArrayLike<number>, at: number): void {
    const guess = largestAt(output, at, this.#classes.length);
    this.#counts[label * this.#classes.length + guess]!++;
  }

  #count(label: number, guess: number): number {
    return this.#counts[label * this.#classes.length + guess]!;
  }

  /** What is said of each class. */
  #byClass(): ClassNumbers[] {
    const all = this.#classes.map((_, k) => k);
    return this.#classes.map((name, k) => {
      const right = this.#count(k, k);
      const rows = all.reduce((sum, guess) => sum + this.#count(k, guess), 0);
      const guesses = all.reduce((sum, label) => sum + this.#count(label, k), 0);
      const [precision, recall] = [ratio(right, guesses), ratio(right, rows)];
      return { class: name, precision, recall, f1: ratio(2 * right, rows + guesses), rows };
    });
  }

  #summary(): { rows: number; accuracy: number; baseline: number } {
    const rows = this.#counts.reduce((sum, count) => sum + count, 0);
    const right = this.#classes.reduce((sum, _, k) => sum + this.#count(k, k), 0);
    const most = Math.max(...this.#byClass().map((each) => each.rows));
    return { rows, accuracy: ratio(right, rows), baseline: ratio(most, rows) };
  }

  toJSON(): { readonly [name: string]: unknown } {
    const size = this.#classes.length;
    return {
      ...this.#summary(),
      classes: this.#byClass(),
      confusion: this.#classes.map((_, k) => [...this.#counts.subarray(k * size, (k + 1) * size)]),
    };
  }

  toString(): string {
    const { rows, accuracy, baseline } = this.#summary();
    const names = this.#classes.map((name) =>
      name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name
    );
    const scores = this.#byClass().map((
      { precision, recall, f1, rows },
      k,
    ) => [names[k]!, percent(precision), percent(recall), percent(f1), String(rows)]);
    const matrix = names.map((name, k) => [name, ...names.map((_, guess) => String(this.#count(k, guess)))]);
    return [
      `accuracy ${percent(accuracy)} of ${rows} rows (always the most frequent class: ${percent(baseline)})`,
      ...names.length > MOST_COLUMNS ? [] : [
        "",
        ...table([["is \\ taken for", ...names], ...matrix]),
      ],
      "",
      ...table([["class", "precision", "recall", "f1", "rows"], ...scores]),
    ].join("\n");
  }
}

interface ClassNumbers {
  readonly class: string;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly rows: number;
}

class ErrorReport implements Report {
  readonly #offset: number;
  readonly #scale: number;
  #rows = 0;
  #mean = 0;
  #spread = 0;
  #error = 0;
  #absolute = 0;
  #squares = 0;
  #largest = 0;
  #worst = 0;

  constructor(offset: number, scale: number) {
    this.#offset = offset;
    this.#scale = scale;
  }

  add(label: number, output: ArrayLike<number>, at: number, rowNumber: number): void {
    const error = output[at]! * this.#scale + this.#offset - label;
    this.#rows++;
    const distance = label - this.#mean;
    this.#mean += distance / this.#rows;
    this.#spread += distance * (label - this.#mean);
    this.#error += error;
    this.#absolute += Math.abs(error);
    this.#squares += error * error;
    if (Math.abs(error) <= this.#largest) return;
    this.#largest = Math.abs(error);
    this.#worst = rowNumber;
  }

  /** Labels that are all the same have no R². */
  #numbers(): { [name: string]: number | null } {
    const rows = this.#rows;
    return {
      rows,
      meanAbsoluteError: this.#absolute / rows,
      rootMeanSquaredError: Math.sqrt(this.#squares / rows),
      meanError: this.#error / rows,
      largestError: this.#largest,
      largestErrorRow: this.#worst,
      standardDeviation: Math.sqrt(this.#spread / rows),
      r2: this.#spread > 0 ? 1 - this.#squares / this.#spread : null,
    };
  }

  toJSON(): { readonly [name: string]: unknown } {
    return this.#rows === 0 ? { rows: 0 } : this.#numbers();
  }

  toString(): string {
    const found = this.#numbers();
    const show = (name: string): string => short(found[name] ?? NaN);
    return table(
      [
        [`errors of ${this.#rows} rows`, ""],
        ["mean absolute error", show("meanAbsoluteError")],
        [
          "root mean squared error",
          `${show("rootMeanSquaredError")} (always the mean: ${show("standardDeviation")})`,
        ],
        ["mean error", show("meanError")],
        ["largest error", `${show("largestError")} (row ${this.#worst})`],
        ["share explained (R²)", found["r2"] === null ? "none, all are the same" : show("r2")],
      ].map(([name = "", value = ""]) => [name, value]),
      "left",
    ).join("\n");
  }
}

/** The place of the largest of some numbers. */
export function largestAt(numbers: ArrayLike<number>, at: number, length: number): number {
  let best = 0;
  for (let k = 1; k < length; k++) if (numbers[at + k]! > numbers[at + best]!) best = k;
  return best;
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}

/** Cells in columns, the first to the left. */
function table(rows: readonly (readonly string[])[], side: "left" | "right" = "right"): string[] {
  const widths = rows[0]!.map((_, k) => Math.max(...rows.map((row) => row[k]!.length)));
  return rows.map((row) =>
    row.map((cell, k) => k === 0 || side === "left" ? cell.padEnd(widths[k]!) : cell.padStart(widths[k]!))
      .join("  ").trimEnd()
  );
}
