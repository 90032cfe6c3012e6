/** Whether two values have the same content: zeros of both signs are equal, and so is `NaN` to itself. */
export function equal(a: unknown, b: unknown): boolean {
  return compare(a, b, []);
}

type Properties = Record<PropertyKey, unknown>;
/** The pairs that are being compared, from the outermost on: a cycle ends where it comes back to one. */
type Open = (readonly [unknown, unknown])[];

function compare(a: unknown, b: unknown, open: Open): boolean {
  if (a === b || Object.is(a, b)) return true;
  if (!isObject(a) || !isObject(b) || classOf(a) !== classOf(b)) return false;
  if (open.some(([x, y]) => x === a && y === b)) return true;
  open.push([a, b]);
  const isSame = compareContent(a, b, open);
  open.pop();
  return isSame;
}

function compareContent(a: Properties, b: Properties, open: Open): boolean {
  if (a instanceof Date && b instanceof Date) return Object.is(a.getTime(), b.getTime());
  if (a instanceof RegExp || a instanceof URL) return String(a) === String(b);
  if (a instanceof Error && b instanceof Error && (a.message !== b.message || a.name !== b.name)) {
    return false;
  }
  if (a instanceof Set && b instanceof Set) {
    return a.size === b.size && [...a].every((x) => b.has(x) || [...b].some((y) => compare(x, y, open)));
  }
  if (a instanceof Map && b instanceof Map) {
    return a.size === b.size && [...a].every((pair) => [...b].some((other) => compare(pair, other, open)));
  }
  if (a instanceof ArrayBuffer && b instanceof ArrayBuffer) {
    return compare(new Uint8Array(a), new Uint8Array(b), open);
  }
  if (ArrayBuffer.isView(a) && ArrayBuffer.isView(b)) return compareViews(a, b);
  return compareProperties(a, b, open);
}

function isObject(value: unknown): value is Properties {
  return typeof value === "object" && value !== null;
}

function classOf(value: object): unknown {
  return value.constructor ?? Object;
}

/** Numbers of typed arrays, one by one; bytes of a `DataView`. */
function compareViews(a: ArrayBufferView, b: ArrayBufferView): boolean {
  const [x, y] = [a, b].map((view) =>
    (view instanceof DataView
      ? new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
      : view) as unknown as ArrayLike<unknown>
  );
  if (x === undefined || y === undefined || x.length !== y.length) return false;
  for (let i = 0; i < x.length; i++) if (x[i] !== y[i] && !Object.is(x[i], y[i])) return false;
  return true;
}

function compareProperties(
  a: Properties,
  b: Properties,
  open: Open,
): boolean {
  const [keys, others] = [keysOf(a), keysOf(b)];
  if (keys.length !== others.length || Array.isArray(a) && a.length !== b["length"]) return false;
  return keys.every((key) => Object.hasOwn(b, key) && compare(a[key], b[key], open));
}

function keysOf(value: object): PropertyKey[] {
  const symbols = Object.getOwnPropertySymbols(value);
  return [...Object.keys(value), ...symbols.filter((key) => Object.propertyIsEnumerable.call(value, key))];
}
