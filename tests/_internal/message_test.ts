import { assertEquals } from "@std/assert";
import { message } from "../../src/_internal/message.ts";

const MESSAGES: readonly (readonly [string, string, string])[] = [
  ["texts and numbers as they are", message`Cannot ${"add"} ${-0.5}`, "Cannot add -0.5"],
  ["shapes", message`shapes ${[2, 3]} and ${[]} differ`, "shapes [2, 3] and [] differ"],
  ["lists of shapes", message`shapes ${[[2, 3], [4]]} differ`, "shapes [2, 3] and [4] differ"],
  [
    "other values by what they are",
    message`got ${null}, ${new Date(0)}`,
    "got null, an object of class Date",
  ],
  [
    "a line break in the template as a space, and control characters of a value escaped",
    message`Cannot read
      ${"a\n  b\u001b[31m\u0085\u202e"}: it ends
      here`,
    "Cannot read a\\n  b\\u001b[31m\\u0085\\u202e: it ends here",
  ],
];
for (const [what, written, expected] of MESSAGES) {
  Deno.test(`message writes ${what}`, () => assertEquals(written, expected));
}
