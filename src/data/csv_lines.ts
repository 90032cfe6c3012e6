import { message } from "../_internal/message.ts";

/**
 * The line that each record of a CSV text starts on: blank lines and line breaks inside quotes count. Only read to
 * say where a mistake is.
 *
 * @throws {SyntaxError} If quotes do not match, or a carriage return stands alone; the message names line and column
 */
export function recordLines(text: string, separator: string, source: string): number[] {
  const starts: number[] = [];
  let state: "record" | "field" | "plain" | "quoted" | "closed" = "record";
  let line = 1;
  let column = 1;
  let opened = 1;
  const fail = (at: number, what: string): SyntaxError =>
    new SyntaxError(message`Cannot read ${source}, line ${at}, column ${column}: ${what}`);
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === "\n") line++;
    if (state === "quoted") {
      if (character !== '"') continue;
      if (text[i + 1] === '"') i++;
      else state = "closed";
    } else if (character === "\n") {
      state = "record";
      column = 1;
    } else {
      if (state === "record") starts.push(line);
      if (text.startsWith(separator, i)) {
        state = "field";
        column++;
        i += separator.length - 1;
      } else if (character === "\r") {
        throw fail(line, "a carriage return stands alone, end lines with LF or CRLF");
      } else if (state === "closed") {
        throw fail(line, "text follows a closing quote, write quotes inside quotes twice");
      } else if (character !== '"') state = "plain";
      else if (state === "plain") {
        throw fail(line, "a quote stands inside a field that does not start with one");
      } else {
        state = "quoted";
        opened = line;
      }
    }
  }
  if (state === "quoted") throw fail(opened, "the quote is never closed");
  return starts;
}
