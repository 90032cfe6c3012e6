import { assertEquals, assertRejects } from "@std/assert";
import { dense, sequential } from "../../../src/nn/mod.ts";

/** Runs with a terminal that is none; what is drawn there is counted. */
async function onTerminal(run: () => Promise<unknown>): Promise<string> {
  const { stderr } = Deno;
  let drawn = "";
  const writable = new WritableStream<Uint8Array>({
    write: (bytes) => void (drawn += new TextDecoder().decode(bytes)),
  });
  const [isTerminal, before] = [stderr.isTerminal, Object.getOwnPropertyDescriptor(stderr, "writable")];
  stderr.isTerminal = () => true;
  Object.defineProperty(stderr, "writable", { value: writable, configurable: true });
  const print = console.log;
  console.log = (line) => void (drawn += `${line}\n`);
  try {
    await run();
  } finally {
    console.log = print;
    stderr.isTerminal = isTerminal;
    if (before === undefined) delete (stderr as { writable?: unknown }).writable;
    else Object.defineProperty(stderr, "writable", before);
  }
  return drawn;
}

const CLEAR_LINE = "\r\x1b[K";
const X = Array.from({ length: 64 }, (_, i) => [i]);

for (const ends of ["ends", "throws"] as const) {
  Deno.test(`on a terminal a bar is drawn, and taken away when training ${ends}`, async () => {
    const model = sequential([dense({ units: 1 })]);
    model.compile({ optimizer: "adam", loss: "meanSquaredError" });
    const drawn = await onTerminal(async () => {
      const fit = model.fit(X, X, {
        batchSize: 4,
        verbose: 1,
        callbacks: {
          onBatchEnd: (batch) => {
            if (ends === "throws" && batch === 9) throw new RangeError("enough");
          },
        },
      });
      if (ends === "throws") await assertRejects(() => fit, RangeError, "enough");
      else await fit;
    });
    assertEquals(drawn.includes("Epoch 1/1  ------------------------------  0/16"), true, drawn);
    const left = drawn.slice(drawn.lastIndexOf(CLEAR_LINE) + CLEAR_LINE.length);
    assertEquals(left.replace(/[\d.]+\n$/, "x"), ends === "throws" ? "" : "Epoch 1/1  loss x", drawn);
  });
}
