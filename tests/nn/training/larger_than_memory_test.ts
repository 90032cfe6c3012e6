import { assert, assertEquals } from "@std/assert";

const HEAP = 32;

Deno.test("a data set ten times as large as the heap may be trains", async () => {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--no-check",
      `--v8-flags=--max-old-space-size=${HEAP}`,
      new URL("train_on_stream.ts", import.meta.url).href,
      `${10 * HEAP}`,
    ],
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  const { rows, steps, most, first, last } = JSON.parse(new TextDecoder().decode(stdout));
  assertEquals([rows, steps], [10 * HEAP * 2 ** 20 / 8192, 10 * HEAP / 2]);
  assert(most < 10 * HEAP * 2 ** 20, `${most} bytes in memory at most`);
  assert(last < 0.5 * first, `the loss went from ${first} to ${last}`);
});
