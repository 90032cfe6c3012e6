import { assertEquals } from "@std/assert";
import exported from "../fixtures/exports.json" with { type: "json" };
import { doors, isGranted, readDoor } from "./documentation.ts";

for (const [door, names] of Object.entries(exported)) {
  Deno.test({
    name: `door ${door} exports all that it did before`,
    ignore: !isGranted,
    async fn() {
      const file = doors[door];
      assertEquals(typeof file, "string", "the door is closed");
      const now = new Set((await readDoor(file!)).map((symbol) => symbol.name));
      assertEquals(names.filter((name) => !now.has(name)), []);
    },
  });
}
