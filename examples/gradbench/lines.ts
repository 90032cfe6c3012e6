const NEWLINE = 10;
/** Characters that are written at a time. */
const PIECE = 1 << 16;

/** The lines of a stream, however long they are and wherever its chunks end; the last may lack its newline. */
export async function* readLines(
  stream: ReadableStream<Uint8Array>,
): AsyncGenerator<string, void, unknown> {
  let parts: Uint8Array[] = [];
  for await (const chunk of stream) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      yield join([...parts, chunk.subarray(start, end)]);
      parts = [];
      start = end + 1;
    }
    if (start < chunk.length) parts.push(chunk.slice(start));
  }
  if (parts.length > 0) yield join(parts);
}

/** Decoded as a whole, as a character may lie across two chunks. */
function join(parts: readonly Uint8Array[]): string {
  const bytes = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return new TextDecoder().decode(bytes);
}

/** Writes pieces of text and a newline. */
export async function writeLine(
  stream: { write(bytes: Uint8Array): Promise<number> },
  pieces: Iterable<string>,
): Promise<void> {
  const encoder = new TextEncoder();
  const flush = async (text: string): Promise<void> => {
    let bytes = encoder.encode(text);
    while (bytes.length > 0) bytes = bytes.subarray(await stream.write(bytes));
  };
  let text = "";
  for (const piece of pieces) {
    text += piece;
    if (text.length < PIECE) continue;
    await flush(text);
    text = "";
  }
  await flush(`${text}\n`);
}
