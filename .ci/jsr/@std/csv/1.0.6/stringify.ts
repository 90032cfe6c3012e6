type PropertyAccessor = number | string;

/** A column: where its value is in an item, and its header if that is not the name of the property. */
export interface ColumnDetails {
  header?: string;
  prop: PropertyAccessor | readonly PropertyAccessor[];
}
export type Column = ColumnDetails | PropertyAccessor | readonly PropertyAccessor[];
/** An object or an array of values. */
export type DataItem = Readonly<Record<string, unknown>> | readonly unknown[];

/** How {@linkcode stringify} writes. */
export interface StringifyOptions {
  headers?: boolean;
  separator?: string;
  columns?: readonly Column[];
  crlf?: boolean;
  bom?: boolean;
  quote?: boolean;
}

interface Access {
  readonly header: string;
  readonly path: readonly PropertyAccessor[];
}

/** Writes items as CSV. */
export function stringify(data: readonly DataItem[], options: StringifyOptions = {}): string {
  const { headers = true, separator = ",", crlf = true, bom = false, quote = false } = options;
  if (/"|\r\n/.test(separator)) {
    throw new TypeError("Separator cannot include a quotation mark or a line end");
  }
  const columns = options.columns?.map(readColumn) ?? [];
  const rows: (readonly unknown[])[] = data.map((item) => readItem(item, columns));
  if (headers && columns.length > 0) rows.unshift(columns.map(({ header }) => header));
  const end = crlf ? "\r\n" : "\n";
  const lines = rows.map((row) =>
    row.map((value) => writeField(value, separator, quote)).join(separator) + end
  );
  return (bom ? "\ufeff" : "") + lines.join("");
}

function readColumn(column: Column): Access {
  const { prop, header } = isDetails(column) ? column : { prop: column, header: undefined };
  const path = typeof prop === "object" ? prop : [prop];
  return { header: header ?? String(path.at(-1)), path };
}

function isDetails(column: Column): column is ColumnDetails {
  return typeof column === "object" && !Array.isArray(column);
}

function readItem(item: DataItem, columns: readonly Access[]): readonly unknown[] {
  if (columns.length > 0) return columns.map(({ path }) => path.reduce(readProperty, item));
  if (!Array.isArray(item)) throw new TypeError("No property accessor function was provided for object");
  return item;
}

function readProperty(value: unknown, name: PropertyAccessor): unknown {
  if (Array.isArray(value) && typeof name !== "number") {
    throw new TypeError('Property accessor is not of type "number"');
  }
  return typeof value === "object" && value !== null
    ? (value as Record<PropertyAccessor, unknown>)[name]
    : value;
}

function writeField(value: unknown, separator: string, quote: boolean): string {
  const text = typeof value === "object"
    ? (value === null ? "" : JSON.stringify(value))
    : String(value ?? "");
  const needsQuotes = quote || text.includes(separator) || /["\r\n]/.test(text);
  return needsQuotes ? `"${text.replaceAll('"', '""')}"` : text;
}
