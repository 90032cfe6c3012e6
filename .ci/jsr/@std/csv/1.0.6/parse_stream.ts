import { type ParseResult, type ReadOptions, type Row, RowReader } from "./rows.ts";

/** How {@linkcode CsvParseStream} reads its input. */
export type CsvParseStreamOptions = ReadOptions;
/** What a {@linkcode CsvParseStream} gives for a row. */
export type RowType<T> = T extends undefined ? string[] : ParseResult<CsvParseStreamOptions, T>[number];

/** Turns pieces of CSV into rows. */
export class CsvParseStream<const T extends CsvParseStreamOptions | undefined = undefined>
  implements TransformStream<string, RowType<T>> {
  readonly readable: ReadableStream<RowType<T>>;
  readonly writable: WritableStream<string>;

  constructor(options?: T) {
    const reader = new RowReader(options ?? {});
    let rest = "";
    let isFirst = true;
    const stream = new TransformStream<string, Row>({
      transform(piece, controller): void {
        const lines = (rest + piece).split("\n");
        rest = lines.pop()!;
        for (const line of lines) send(line, controller);
      },
      flush(controller): void {
        if (rest !== "") send(rest, controller);
        const row = reader.end();
        if (row !== undefined) controller.enqueue(row);
      },
    });
    this.readable = stream.readable as ReadableStream<RowType<T>>;
    this.writable = stream.writable;

    function send(line: string, controller: TransformStreamDefaultController<Row>): void {
      const row = reader.read(line.replace(isFirst ? /^\ufeff|\r$/g : /\r$/, ""));
      isFirst = false;
      if (row !== undefined) controller.enqueue(row);
    }
  }
}
