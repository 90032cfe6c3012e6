/** Shapes longer than this are cut in messages. */
const LONGEST_SHAPE = 16;

/** Texts longer than this are cut in messages. */
const LONGEST_TEXT = 60;

/** Writes a shape the way error messages show it: `[64, 784]`, `[]` for a scalar. */
export function formatShape(shape: readonly number[]): string {
  if (shape.length <= LONGEST_SHAPE) return `[${shape.join(", ")}]`;
  return `[${shape.slice(0, LONGEST_SHAPE).join(", ")}, … ${shape.length} numbers]`;
}

/** Writes a list of shapes: `[64, 784] and [128, 10]`. */
export function formatShapes(shapes: readonly (readonly number[])[]): string {
  return shapes.map(formatShape).join(" and ");
}

/** Writes texts as a list: `"valid", "same" or "full"`. */
export function formatChoices(choices: readonly string[]): string {
  const quoted = choices.map((choice) => JSON.stringify(choice));
  return quoted.length < 2 ? quoted.join("") : `${quoted.slice(0, -1).join(", ")} or ${quoted.at(-1)}`;
}

/** Writes a number with so many digits, without zeros at their end. */
export function formatNumber(value: number, digits: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(digits))) : String(value);
}

/** Writes a number of bytes: `16 GiB`. */
export function formatBytes(bytes: number): string {
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"];
  const power = Math.max(0, Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10)));
  return `${Number((bytes / 1024 ** power).toPrecision(3))} ${units[power]}`;
}

/** Says what a value is, for messages about a value of the wrong type. */
export function describeValue(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === "string") {
    return JSON.stringify(value.length > LONGEST_TEXT ? `${value.slice(0, LONGEST_TEXT)}…` : value);
  }
  if (typeof value === "bigint") return `the bigint ${String(value).slice(0, LONGEST_TEXT)}n`;
  if (typeof value === "function") return value.name ? `function ${value.name}` : "a function";
  if (typeof value !== "object") return String(value);
  const name: unknown = value.constructor?.name;
  return `an object of class ${typeof name === "string" && name !== "" ? name : "Object"}`;
}
