/** Beyond this many pairs of lines, two texts are shown one after the other. */
const MOST_PAIRS = 1_000_000;

/** A value as text, on as many lines as it has parts. */
export function format(value: unknown): string {
  if (typeof Deno === "undefined") return typeof value === "string" ? JSON.stringify(value) : String(value);
  return Deno.inspect(value, {
    depth: Infinity,
    sorted: true,
    compact: false,
    iterableLimit: Infinity,
    strAbbreviateSize: Infinity,
  });
}

/** What differs between two values, line by line: `-` is only in the first, `+` only in the second. */
export function difference(actual: unknown, expected: unknown): string {
  const [a, b] = [format(actual).split("\n"), format(expected).split("\n")];
  const lines = a.length * b.length > MOST_PAIRS
    ? [...a.map((line) => `-   ${line}`), ...b.map((line) => `+   ${line}`)]
    : diff(a, b);
  return ["    [Diff] Actual / Expected", "", ...lines].join("\n");
}

function diff(a: readonly string[], b: readonly string[]): string[] {
  // common[i][j] is the length of the longest common part of a from i on and b from j on.
  const common = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  const at = (i: number, j: number): number => common[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      common[i]![j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: string[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length;) {
    if (i < a.length && j < b.length && a[i] === b[j]) lines.push(`    ${a[i++]}`, ...(j++, []));
    else if (j === b.length || i < a.length && at(i + 1, j) >= at(i, j + 1)) lines.push(`-   ${a[i++]}`);
    else lines.push(`+   ${b[j++]}`);
  }
  return lines;
}
