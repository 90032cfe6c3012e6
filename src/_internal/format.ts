/** Writes a shape the way error messages show it: `[64, 784]`, `[]` for a scalar. */
export function formatShape(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}

/** Writes a list of shapes: `[64, 784] and [128, 10]`. */
export function formatShapes(shapes: readonly (readonly number[])[]): string {
  return shapes.map(formatShape).join(" and ");
}

/** Says what a value is, for messages about a value of the wrong type. */
export function describeValue(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") return value.name ? `function ${value.name}` : "a function";
  if (typeof value !== "object") return String(value);
  return `an object of class ${value.constructor?.name ?? "Object"}`;
}
