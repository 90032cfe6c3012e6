import { readBytes, writeBytes } from "../../_internal/files.ts";
import { message } from "../../_internal/message.ts";
import { readOptions } from "../../_internal/readers/mod.ts";
import type { Callbacks, Logs } from "./callback.ts";

/** Options of {@linkcode csvLogger}. */
export interface CsvLoggerOptions {
  /** What stands between columns, `","` by default. */
  readonly separator?: string;
  /** Whether rows are added to a file that is there; by default it is replaced. */
  readonly append?: boolean;
}

/**
 * Writes the numbers of each epoch into a CSV file: a column `epoch`, then one for each number, empty where an epoch has
 * none. The file is whole after each epoch, however training ends.
 *
 * @param path The file; or a function that gets its text after each epoch
 * @param options Separator, and whether rows are added
 * @throws {TypeError} If an option is unknown, or the path is no path
 *
 * @example
 * ```ts
 * import { csvLogger, dense, sequential } from "@tapegrad/tapegrad/nn";
 *
 * let table = "";
 * const model = sequential([dense({ units: 1, kernelInitializer: "ones" })]);
 * model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
 * await model.fit([[1], [2]], [1, 2], { epochs: 2, callbacks: csvLogger((text) => void (table = text)) });
 * console.log(table); // "epoch,loss\n0,0\n1,0\n"
 * ```
 */
export function csvLogger(
  path: string | URL | ((text: string) => void | Promise<void>),
  options?: CsvLoggerOptions,
): Callbacks {
  const { separator, append } = readOptions("csvLogger", options, { separator: ",", append: false });
  if (typeof path !== "function" && !(path instanceof URL) && (typeof path !== "string" || path === "")) {
    throw new TypeError(message`Cannot log to ${path}: pass a path, a URL or a function`);
  }
  if (typeof separator !== "string" || separator === "" || /["\r\n]/.test(separator)) {
    throw new TypeError(
      message`Cannot log to a CSV file: the separator is ${separator}, use a text such as "," or ";"`,
    );
  }
  let rows: Row[] = [];
  let columns: string[] = ["epoch"];
  const save = typeof path === "function"
    ? path
    : (text: string) => writeBytes(path, new TextEncoder().encode(text));
  return {
    async onTrainBegin() {
      const before = append && typeof path !== "function" ? await readTable(path, separator) : undefined;
      columns = before?.columns ?? ["epoch"];
      rows = before?.rows ?? [];
    },
    async onEpochEnd(epoch, logs: Logs) {
      const row = Object.entries({ epoch, ...logs }).map(([name, value]) => [name, String(value)] as const);
      rows.push(new Map(row));
      columns = [...new Set([...columns, ...row.map(([name]) => name)])];
      const line = (cells: readonly string[]): string =>
        cells.map((cell) => quoted(cell, separator)).join(separator) + "\n";
      await save(
        line(columns) + rows.map((each) => line(columns.map((name) => each.get(name) ?? ""))).join(""),
      );
    },
  };
}

type Row = ReadonlyMap<string, string>;

function quoted(cell: string, separator: string): string {
  return cell.includes(separator) || /["\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

/** What a logger wrote earlier; undefined if there is no file. */
async function readTable(
  path: string | URL,
  separator: string,
): Promise<{ columns: string[]; rows: Row[] } | undefined> {
  let text: string;
  try {
    text = new TextDecoder().decode(await readBytes(path));
  } catch (error) {
    const { name, code } = error as { readonly name?: string; readonly code?: string };
    if (name === "NotFound" || code === "ENOENT") return undefined;
    throw error;
  }
  const [header, ...lines] = text.split(/\r?\n/).filter((line) => line !== "").map((line) =>
    cellsOf(line, separator)
  );
  if (header === undefined) return undefined;
  return {
    columns: header,
    rows: lines.map((cells) => new Map(cells.map((cell, i) => [header[i] ?? "", cell]))),
  };
}

/** The cells of a line, some of which may be quoted. */
function cellsOf(line: string, separator: string): string[] {
  const cells: string[] = [];
  let cell = "";
  let isQuoted = false;
  for (let i = 0; i < line.length; i++) {
    const character = line[i]!;
    if (isQuoted) {
      if (character !== '"') cell += character;
      else if (line[i + 1] === '"') cell += line[++i];
      else isQuoted = false;
    } else if (character === '"') isQuoted = true;
    else if (line.startsWith(separator, i)) {
      cells.push(cell);
      cell = "";
      i += separator.length - 1;
    } else cell += character;
  }
  return [...cells, cell];
}
