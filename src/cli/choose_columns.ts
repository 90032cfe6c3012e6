import { message } from "../_internal/message.ts";
import { columnOf, type ColumnProfile, MOST_CATEGORIES, type Profile } from "./profile.ts";
import type { CsvFile } from "./rows.ts";
import type { Feature, MissingPolicy, Target } from "./schema.ts";

/** What is asked of the columns. */
export interface ColumnWishes {
  readonly target: string;
  /** The columns that go in; by default all but the target that can be read. */
  readonly features: readonly string[] | undefined;
  /** Columns that are read as texts though they hold numbers. */
  readonly categories: readonly string[];
  readonly task: "auto" | "classification" | "regression";
  readonly missing: MissingPolicy;
}

/** How columns are read; statistics are not known yet. */
export interface ChosenColumns {
  readonly features: readonly Feature[];
  readonly target: Target;
  /** Columns that are not used, with the reason. */
  readonly leftOut: readonly string[];
}

/**
 * Says what each column is.
 *
 * @throws {RangeError} If a column is not there, or cannot be used
 * @throws {SyntaxError} If a column of numbers holds something else, or a value is missing without leave
 */
export function chooseColumns(file: CsvFile, profile: Profile, wishes: ColumnWishes): ChosenColumns {
  const target = readTarget(file, columnOf(file, profile, wishes.target), wishes);
  for (const name of wishes.categories) columnOf(file, profile, name);
  const wanted = wishes.features?.map((name) => columnOf(file, profile, name));
  if (wanted?.some(({ name }) => name === wishes.target)) {
    throw new RangeError(message`Cannot predict ${wishes.target} from itself: leave it out of --features`);
  }
  const features: Feature[] = [];
  const leftOut: string[] = [];
  for (const column of wanted ?? profile.columns.filter(({ name }) => name !== wishes.target)) {
    const isCategory = wishes.categories.includes(column.name) ||
      (!column.isEmpty && !column.isNumeric(file));
    const why = column.isEmpty
      ? "no values"
      : isCategory && column.isWide
      ? `over ${MOST_CATEGORIES} texts`
      : undefined;
    if (why !== undefined) {
      if (wanted !== undefined) {
        throw new RangeError(message`Cannot use the column ${column.name} of ${file.name}: it has ${why}`);
      }
      leftOut.push(`${column.name} (${why})`);
      continue;
    }
    refuseGaps(file, column, wishes);
    features.push(
      isCategory
        ? { kind: "category", name: column.name, values: column.sortedTexts() }
        : { kind: "number", name: column.name, filling: NaN },
    );
  }
  if (features.length > 0) return { features, target, leftOut };
  throw new RangeError(
    message`Cannot train on ${file.name}: no column is left to predict ${wishes.target} from${
      leftOut.length === 0 ? "" : `, without ${leftOut.join(", ")}`
    }`,
  );
}

function refuseGaps(file: CsvFile, column: ColumnProfile, { missing }: ColumnWishes): void {
  if (missing !== "error" || column.firstMissing === undefined) return;
  throw file.error(column.firstMissing, column.name, "the value is missing");
}

function readTarget(file: CsvFile, column: ColumnProfile, wishes: ColumnWishes): Target {
  refuseGaps(file, column, wishes);
  const { name } = column;
  const isClasses = wishes.task === "classification" ||
    (wishes.task === "auto" &&
      (wishes.categories.includes(name) || !column.isNumeric(file) || column.looksLikeClasses));
  if (!isClasses) {
    if (!column.isNumeric(file)) {
      throw new RangeError(message`Cannot predict ${name} of ${file.name} as a number: it holds texts`);
    }
    return { task: "regression", name, scaler: { kind: "standard", offsets: [0], scales: [1] } };
  }
  const remedy = wishes.task === "auto" && column.isNumeric(file)
    ? "; for a number use --task regression"
    : "";
  if (column.isWide) {
    throw new RangeError(
      message`Cannot predict ${name} of ${file.name} as a class: it has over ${MOST_CATEGORIES} of them${remedy}`,
    );
  }
  const classes = column.sortedTexts();
  if (classes.length > 1) return { task: "classification", name, classes };
  throw new RangeError(
    message`Cannot predict ${name} of ${file.name} as a class: it has one only, ${
      JSON.stringify(classes[0])
    }${remedy}`,
  );
}
