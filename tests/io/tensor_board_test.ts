import { assertEquals, assertGreater, assertThrows } from "@std/assert";
import { countNumbers, eventRecord, fileHeader } from "../../src/io/event_file.ts";
import { tensorBoard } from "../../src/io/mod.ts";
import { dense, sequential } from "../../src/nn/mod.ts";
import expected from "../fixtures/files/events.json" with { type: "json" };

const granted = (await Deno.permissions.query({ name: "write" })).state === "granted";

const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

Deno.test("records of event files are, byte for byte, those that another writer makes", () => {
  const scalars = [{ tag: "epoch_loss", scalar: 0.25 }, { tag: "epoch_accuracy", scalar: 0 }];
  assertEquals(hex(fileHeader(1.75e9)), expected.header);
  assertEquals(hex(eventRecord(1.75e9 + 0.5, 300, scalars)), expected.scalars);
  assertEquals(hex(eventRecord(1.75e9, 0, scalars)), expected.first);
  const histogram = {
    min: -1,
    max: 3,
    count: 4,
    sum: 5,
    sumOfSquares: 15,
    limits: [0, 1, 2, 3],
    counts: [1, 0, 1, 2],
  };
  assertEquals(hex(eventRecord(1.75e9, 2, [{ tag: "dense/kernel ä", histogram }])), expected.histogram);
});

Deno.test("countNumbers() counts every finite number once", () => {
  const counted = countNumbers([-1, NaN, 1.5, 3, Infinity, 1.5], 4);
  assertEquals(counted, {
    min: -1,
    max: 3,
    count: 4,
    sum: 5,
    sumOfSquares: 14.5,
    limits: [0, 1, 2, 3],
    counts: [1, 0, 2, 1],
  });
  assertEquals(countNumbers([2, 2], 3).counts, [2, 0, 0]);
  assertEquals(countNumbers([NaN]).count, 0);
});

/** The records of a file, by their framing. */
function contentsOf(bytes: Uint8Array): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const found: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = Number(view.getBigUint64(at, true));
    found.push(new TextDecoder().decode(bytes.subarray(at + 12, at + 12 + length)));
    at += length + 16;
  }
  return found;
}

Deno.test(
  { name: "tensorBoard() writes a run for training and one for validation", ignore: !granted },
  async () => {
    const folder = await Deno.makeTempDir();
    const model = sequential([dense({ units: 1 })]);
    model.compile({ optimizer: "sgd", loss: "meanSquaredError", metrics: ["meanAbsoluteError"] });
    const x = [[1], [2], [3], [4]];
    await model.fit(x, [2, 4, 6, 8], {
      epochs: 4,
      validationData: [x, [2, 4, 6, 8]],
      callbacks: tensorBoard(`${folder}/first`, { histogramFrequency: 2 }),
    });
    for (
      const [run, tags, counts] of [
        ["train", ["epoch_loss", "epoch_meanAbsoluteError", "epoch_learning_rate", "dense/kernel"], [
          4,
          4,
          4,
          2,
        ]],
        ["validation", ["epoch_loss", "epoch_meanAbsoluteError"], [4, 4]],
      ] as const
    ) {
      const [file] = [...Deno.readDirSync(`${folder}/first/${run}`)];
      const records = contentsOf(await Deno.readFile(`${folder}/first/${run}/${file!.name}`));
      assertEquals(records.length, 5);
      assertGreater(records[0]!.indexOf("brain.Event:2"), 0);
      assertEquals(tags.map((tag) => records.filter((text) => text.includes(tag)).length), [...counts], run);
    }
    await Deno.remove(folder, { recursive: true });
  },
);

Deno.test("tensorBoard() refuses what it can't use", () => {
  assertThrows(() => tensorBoard(""), TypeError, 'the folder is ""');
  assertThrows(() => tensorBoard("runs", { histogramFrequency: -1 }), RangeError, "histogramFrequency");
  assertThrows(() => tensorBoard("runs", { histograms: 1 } as never), TypeError, "histograms");
});
