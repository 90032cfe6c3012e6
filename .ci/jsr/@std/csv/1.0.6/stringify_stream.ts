import { type DataItem, stringify } from "./stringify.ts";

/** How {@linkcode CsvStringifyStream} writes. */
export interface CsvStringifyStreamOptions {
  separator?: string;
  columns?: readonly string[];
}

/** Turns rows into pieces of CSV; with `columns` the rows are objects, and the names come first. */
export class CsvStringifyStream<O extends CsvStringifyStreamOptions | undefined = undefined>
  extends TransformStream<
    O extends { columns: readonly string[] } ? Record<string, unknown> : readonly unknown[],
    string
  > {
  constructor(options?: O) {
    const { separator, columns = [] } = options ?? {};
    const write = (items: readonly DataItem[], headers: boolean): string =>
      stringify(items, { headers, columns, ...separator === undefined ? {} : { separator } });
    super({
      start(controller): void {
        if (columns.length > 0) controller.enqueue(write([], true));
      },
      transform(item: DataItem, controller): void {
        controller.enqueue(write([item], false));
      },
    });
  }
}
