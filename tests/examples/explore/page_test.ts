/** The page of `deno task explore`, in a browser. */
import { assert, assertEquals, assertGreaterOrEqual, assertStringIncludes } from "@std/assert";
import { browser, type BrowserPage, launch } from "./_browser.ts";

const ROOT = new URL("../../../", import.meta.url);

/** Colours that text has, with all that it may stand on. */
const PAIRS: readonly (readonly [text: string, ...grounds: string[]])[] = [
  ["--ink", "--back", "--panel", "--hand", "--value-tint", "--adjoint-tint"],
  ["--soft", "--back", "--panel", "--value-tint", "--adjoint-tint", "--hand"],
  ["--value", "--panel", "--value-tint", "--hand"],
  ["--adjoint", "--panel", "--adjoint-tint", "--hand"],
  ["--bad", "--panel", "--bad-tint", "--hand", "--value-tint", "--adjoint-tint"],
  ["--right", "--panel", "--back"],
  ["--on-strong", "--strong"],
];

/** The parts of a colour from 0 to 1, of `rgb(27, 95, 173)` or `color(srgb 0.1 0.4 0.7)`. */
function partsOf(color: string): number[] {
  const parts = color.match(/[\d.]+/g)!.slice(0, 3).map(Number);
  return color.startsWith("color(srgb ") ? parts : parts.map((part) => part / 255);
}

/** The contrast of two colours, by the Web Content Accessibility Guidelines 2.1. */
function contrastOf(a: string, b: string): number {
  const [low, high] = [a, b].map((color) => {
    const [red, green, blue] = partsOf(color).map((x) =>
      x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4
    ) as [number, number, number];
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }).sort((x, y) => x - y) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

interface Server {
  readonly url: string;
  stop(): Promise<void>;
}

/** Runs the server on a free port; again if it ends before it says where, as while the bundler is being fetched. */
async function serve(attempts = 3): Promise<Server> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--unstable-bundle", "examples/explore.ts", "--port", "0"],
    cwd: ROOT,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const complaints = new Response(child.stderr).text();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let said = "";
  for (;;) {
    const { value, done } = await reader.read();
    said += value ?? "";
    const url = /http:\S+(?=\s)/.exec(said)?.[0];
    if (url !== undefined) {
      return {
        url,
        async stop() {
          child.kill();
          await child.status;
          await Promise.all([reader.cancel(), complaints]);
        },
      };
    }
    if (!done) continue;
    await child.status;
    if (attempts > 1) return serve(attempts - 1);
    throw new Error(`The server ended: ${said} ${await complaints}`);
  }
}

const text = (page: BrowserPage, selector: string): Promise<string> =>
  page.evaluate<string>(`document.querySelector(${JSON.stringify(selector)}).textContent`);

Deno.test({
  name: "the page to explore works by keys, in light and dark, large and small",
  ignore: browser === undefined,
}, async (t) => {
  const { url, stop } = await serve();
  try {
    await using page = await launch(browser!);

    await t.step("text has a contrast of 4.5 and more on all that it stands on", async () => {
      for (const isDark of [false, true]) {
        await page.emulate({ width: 1280, height: 800, isDark });
        await page.open(url);
        const colors = await page.evaluate<Record<string, string>>(
          `{ const probe = document.body.appendChild(document.createElement("i")); Object.fromEntries(${
            JSON.stringify([...new Set(PAIRS.flat())])
          }.map((name) => { probe.style.color = "var(" + name + ")"; return [name, getComputedStyle(probe).color]; })) }`,
        );
        for (const [ink, ...grounds] of PAIRS) {
          for (const ground of grounds) {
            assertGreaterOrEqual(
              contrastOf(colors[ink]!, colors[ground]!),
              4.5,
              `${ink} on ${ground}, dark: ${isDark}`,
            );
          }
        }
        assertGreaterOrEqual(contrastOf(colors["--ink"]!, colors["--panel"]!), 7);
      }
    });

    await t.step("the walk goes by keys to the gradient, and the address tells where it is", async () => {
      await page.emulate({ width: 1280, height: 800 });
      await page.open(url);
      assertEquals(await page.evaluate("document.querySelectorAll('.tape tbody tr').length"), 10);
      await page.press("Home");
      assertStringIncludes(await text(page, ".who"), "An empty tape");
      await page.press("End");
      const strip = await text(page, ".strip");
      for (const part of ["w1 0.4923", "x1 0.1231", "w2 0.2461", "x2 −0.2461", "b 0.2461"]) {
        assertStringIncludes(strip, part);
      }
      await page.press("ArrowLeft");
      assertStringIncludes(await page.evaluate<string>("location.hash"), "t=19");
      const address = await page.evaluate<string>("location.href");
      await page.open(address);
      assertStringIncludes(await page.evaluate<string>("location.hash"), "t=19");
    });

    await t.step("a key that moves the focus is not typed", async () => {
      await page.open(url);
      await page.press("/");
      assertEquals(await page.evaluate("document.activeElement.id"), "formula");
      assertEquals(await page.evaluate("document.activeElement.value"), "sigmoid(w1*x1 + w2*x2 + b)");
      for (const key of "x^n") await page.press(key);
      assertEquals(await page.evaluate("document.activeElement.value"), "x^n");
      assertEquals(await page.evaluate("document.querySelectorAll('.tape tbody tr').length"), 3);
      await page.press("Escape");
      await page.press("2");
      assertEquals(await page.evaluate("document.querySelector('#playground').hidden"), false);
      assertEquals(await page.evaluate("document.querySelector('#formula').value"), "x^n");
    });

    await t.step("mistakes are told in words, and the last tape stays", async () => {
      await page.open(url);
      const type = async (formula: string): Promise<void> => {
        await page.evaluate(
          `{ const field = document.querySelector("#formula"); field.value = ${
            JSON.stringify(formula)
          }; field.dispatchEvent(new Event("input")); }`,
        );
      };
      await type("sine(x)");
      assertStringIncludes(
        await text(page, "#explorer .problem"),
        'there is no function "sine", perhaps "sin"',
      );
      assertEquals(await page.evaluate("document.querySelectorAll('.tape tbody tr').length"), 10);
      await type("");
      assertStringIncludes(await text(page, "#explorer .problem"), "Type a formula");
      await type("log(x - 2)");
      assertStringIncludes(await text(page, ".tape h2"), "the first NaN is in row 3");
    });

    await t.step("a prediction is checked, and a wrong one gets its own answer", async () => {
      await page.open(`${url}#explorer?f=x*y&x=2&y=3&t=3`);
      await page.press("p");
      const answer = async (value: string): Promise<void> => {
        await page.evaluate(
          `{ const field = document.querySelector(".question input"); field.value = "${value}"; field.form.requestSubmit(); }`,
        );
      };
      await answer("-3");
      assertStringIncludes(await text(page, ".verdict"), "The sign is the other one");
      await answer("1");
      assertStringIncludes(await text(page, ".verdict"), "own adjoint");
      await answer("6/2");
      assertStringIncludes(await text(page, ".who"), "✓ right");
      const full = "document.querySelectorAll('.score i.full').length";
      assertEquals(await page.evaluate(full), 0);
    });

    const LAYER = `${url}#explorer?f=${
      encodeURIComponent("W = [[0.5, -1], [2, 1]]; x = [1, 2]; b = [0.5, -1]; sum(sigmoid(matmul(W, x) + b))")
    }`;

    await t.step("rows of arrays show shape, first elements and a map, and hand on arrays", async () => {
      await page.open(`${LAYER}&t=9`);
      assertEquals(
        await page.evaluate(
          "[...document.querySelectorAll('.tape tbody tr')].map((row) => row.querySelector('.number.value')).map((cell) => [cell.querySelectorAll('.map .cell').length, cell.textContent])",
        ),
        [
          [2, "[2] 1 2"],
          [2, "[2, 1] 1 2"],
          [4, "[2, 2] 0.5 −1 2 1"],
          [2, "[2, 1] −1.5 4"],
          [2, "[2] −1.5 4"],
          [2, "[2] 0.5 −1"],
          [2, "[2] −1 3"],
          [2, "[2] 0.27 0.95"],
          [0, "1.222"],
        ],
      );
      assertEquals(await page.evaluate("document.querySelectorAll('.graph svg.map.value').length"), 8);
      // Negative elements are hollow, not only of another colour.
      assertEquals(
        await page.evaluate("document.querySelectorAll('.tape tr[data-row=\"2\"] .map .minus').length"),
        1,
      );
      await page.press("End");
      const strip = await text(page, ".strip");
      for (const part of ["W [2, 2] 0.197 0.393 0.0452 …", "x [2] 0.189 −0.151", "b [2] 0.197 0.0452"]) {
        assertStringIncludes(strip, part);
      }
      assertEquals(await page.evaluate("document.querySelectorAll('.graph svg.map.adjoint').length"), 8);
      assertStringIncludes(await text(page, ".cards"), "If x[0] grows by 0.01");
      await page.open(`${LAYER}&t=15`);
      const cards = await text(page, ".cards");
      for (
        const part of ["matmul(g, transpose(%1))", "[2, 2] 0.197", "its only part", "this row has [2, 1]"]
      ) {
        assertStringIncludes(cards, part);
      }
      // The address tells it all, also to a page that is open.
      const hash = await page.evaluate<string>("location.hash");
      await page.open(url);
      await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
      await page.until(`document.querySelector(".cards")?.textContent === ${JSON.stringify(cards)}`);
    });

    await t.step("an element of an array is predicted, and shapes that don't fit are told", async () => {
      await page.open(`${LAYER}&t=14`);
      await page.press("p");
      assertStringIncludes(await text(page, ".question h4"), "W[0, 1], row 2?");
      await page.evaluate(
        "{ const field = document.querySelector('.question input'); field.value = '0.393'; field.form.requestSubmit(); }",
      );
      assertStringIncludes(await text(page, ".who"), "✓ right");
      const top = (): Promise<number> =>
        page.evaluate("document.querySelector('.stage').getBoundingClientRect().top");
      const before = await top();
      await page.evaluate(
        "{ const field = document.querySelector('#formula'); field.value = 'x = [1, 2]; y = [1, 2, 3]; sum(x * y)'; field.dispatchEvent(new Event('input')); }",
      );
      assertStringIncludes(await text(page, "#explorer .problem"), "shapes [2] and [3] differ");
      assertEquals(await top(), before);
    });

    await t.step("a row that is looked at is marked in the table, in the graph and on its card", async () => {
      await page.open(`${LAYER}&t=15`);
      const marked = (): Promise<readonly string[]> =>
        page.evaluate(
          "[...document.querySelectorAll('.looked')].map((each) => each.tagName + each.dataset.row)",
        );
      assertEquals(await marked(), []);
      await page.press("ArrowUp");
      assertEquals(await marked(), ["g2", "TR2", "DIV2"]);
      await page.press("ArrowUp");
      assertEquals(await marked(), ["g1", "TR1", "DIV1"]);
      await page.press("Enter");
      assertStringIncludes(await text(page, ".who h3"), "Row 1: reshape");
      assertEquals(await marked(), []);
    });

    await t.step("shades behind numbers leave them readable", async () => {
      for (const isDark of [false, true]) {
        for (const [t, kind] of [[3, "value"], [16, "adjoint"]] as const) {
          await page.emulate({ width: 1280, height: 800, isDark });
          await page.open(`${LAYER}&t=${t}`);
          const pairs = await page.evaluate<readonly [string, string][]>(
            `[...document.querySelectorAll(".heat.${kind} td")].map((cell) => getComputedStyle(cell)).map(({ color, backgroundColor }) => [color, backgroundColor])`,
          );
          assertGreaterOrEqual(pairs.length, 2);
          for (const [ink, ground] of pairs) assertGreaterOrEqual(contrastOf(ink, ground), 4.5);
        }
      }
      await page.emulate({ width: 1280, height: 800 });
    });

    await t.step("five squares count the answers without help", async () => {
      await page.open(`${url}#explorer?f=x*y&x=2&y=3&t=3`);
      const squares = (): Promise<readonly [boolean, number, string]> =>
        page.evaluate(
          "(({ hidden, ariaLabel }) => [hidden, document.querySelectorAll('.score i.full').length, ariaLabel])(document.querySelector('.score'))",
        );
      assertEquals(await squares(), [true, 0, "0 of 5 answered without help"]);
      await page.press("p");
      for (const [rounds, count] of [[1, 1], [2, 2], [3, 3], [4, 4], [5, 5], [6, 1]] as const) {
        await page.evaluate(
          "{ const field = document.querySelector('.question input'); field.value = '3'; field.form.requestSubmit(); }",
        );
        assertEquals(
          await squares(),
          [false, count, `${count} of 5 answered without help`],
          `after ${rounds}`,
        );
        await page.press("ArrowLeft");
      }
      await page.evaluate("document.querySelector('.question [type=button]').click()");
      await page.evaluate(
        "{ const field = document.querySelector('.question input'); field.value = '3'; field.form.requestSubmit(); }",
      );
      assertEquals((await squares())[1], 1);
    });

    await t.step("a name is dragged, and its value follows; arrow keys do the same", async () => {
      await page.open(`${url}#explorer?f=x*y&x=2&y=3&t=3`);
      const drag = (type: string, at: number, shiftKey = false): string =>
        `document.querySelector(".variables .name").dispatchEvent(new PointerEvent("pointer${type}", { clientX: ${at}, pointerId: 1, shiftKey: ${shiftKey}, bubbles: true }))`;
      const value = "document.querySelector('.variables input').value";
      await page.evaluate("Element.prototype.setPointerCapture = () => {}");
      for (const [type, at] of [["down", 100], ["move", 130]] as const) await page.evaluate(drag(type, at));
      assertEquals(await page.evaluate(value), "2.3");
      assertStringIncludes(await text(page, ".tape tbody"), "6.9");
      await page.evaluate(drag("move", 70, true));
      assertEquals(await page.evaluate(value), "-1");
      await page.evaluate(drag("up", 70));
      await page.evaluate(drag("move", 200));
      assertEquals(await page.evaluate(value), "-1");
      assertStringIncludes(await page.evaluate<string>("location.hash"), "x=-1");
      await page.evaluate("document.querySelector('.variables input').focus()");
      await page.press("ArrowUp");
      assertEquals(await page.evaluate(value), "-0.9");
      assertStringIncludes(await text(page, ".tape tbody"), "−2.7");
    });

    await t.step("on a phone the bar stays in sight, and covers nothing at the end", async () => {
      for (const [width, height] of [[320, 640], [390, 844], [390, 390]] as const) {
        for (
          const [address, bar] of [[`${url}#playground`, ".bar"], [`${LAYER}&t=15`, ".transport"]] as const
        ) {
          await page.emulate({ width, height, isCalm: true });
          await page.open(address);
          for (const place of [0, 1e6]) {
            await page.evaluate(`scrollTo(0, ${place})`);
            const [top, bottom, end] = await page.evaluate<[number, number, number]>(
              `((bar) => [bar.top, bar.bottom, Math.max(...[...document.querySelectorAll("main:not([hidden]) .panel")].filter((panel) => !panel.matches(".bar")).map((panel) => panel.getBoundingClientRect().bottom))])(document.querySelector("${bar}").getBoundingClientRect())`,
            );
            assertEquals(bottom, height);
            if (place > 0) assert(end <= top, `${end} is under the bar at ${top}`);
          }
        }
      }
    });

    await t.step("what is touched is large enough, and nothing is wider than a phone", async () => {
      for (const address of [url, `${LAYER}&t=15`, `${url}#playground`]) {
        await page.emulate({ width: 320, height: 640, isCalm: true });
        await page.open(address);
        const small = await page.evaluate<readonly string[]>(
          `[...document.querySelectorAll("header button, main:not([hidden]) :is(button, select, input)")].map((each) => each.closest("label") ?? each).filter((each) => each.checkVisibility()).map((each) => [each.getBoundingClientRect(), each.ariaLabel ?? each.textContent]).filter(([{ width, height }]) => width < 24 || height < 24).map(([{ width, height }, name]) => name + " " + width + " x " + height)`,
        );
        assertEquals(small, [], address);
        assertEquals(await page.evaluate("document.documentElement.scrollWidth"), 320, address);
      }
      await page.open(url);
      assertEquals(
        await page.evaluate(
          "[...document.querySelectorAll('.transport button')].filter((each) => each.checkVisibility()).every((each) => each.offsetHeight >= 44 && each.offsetWidth >= 44)",
        ),
        true,
      );
    });

    await t.step("the playground trains, pauses, starts anew, and is cleared", async () => {
      await page.open(`${url}#playground?set=moons&noise=0.1`);
      const epoch = "Number(document.querySelector('.fact output').textContent)";
      await page.until("document.querySelectorAll('.fact output')[2].textContent.endsWith('%')");
      await page.press("ArrowRight");
      await page.until(`${epoch} === 1`);
      await page.press(" ");
      await page.until(`${epoch} > 150`);
      await page.until("parseInt(document.querySelectorAll('.fact output')[2].textContent) >= 95");
      await page.press(" ");
      assertEquals(await text(page, ".train"), "Train");
      await page.press("r");
      await page.until(`${epoch} === 0`);
      await page.evaluate("document.querySelector('.clear').click()");
      await page.until("!document.querySelector('.empty').hidden");
      await page.evaluate("document.querySelector('.plane canvas').focus()");
      await page.press("ArrowRight");
      await page.press("Enter");
      await page.until("document.querySelector('.empty').hidden");
    });

    await t.step("frames are drawn while it trains as fast as it goes", async () => {
      await page.open(`${url}#playground?set=spirals&hidden=8,8`);
      await page.evaluate("document.querySelector('[aria-label=Speed]').value = 6");
      await page.press(" ");
      const frames = await page.evaluate<number>(
        "new Promise((resolve) => { let count = 0; const start = performance.now(); const tick = () => { count++; performance.now() - start < 1000 ? requestAnimationFrame(tick) : resolve(count); }; tick(); })",
      );
      assertGreaterOrEqual(frames, 5);
      await page.press(" ");
    });

    await t.step("nothing is wider than the window, and reduced motion moves nothing", async () => {
      for (const [width, height] of [[320, 640], [390, 844], [844, 390], [1280, 800]] as const) {
        for (const tab of ["explorer", "playground"]) {
          await page.emulate({ width, height, isCalm: true });
          await page.open(`${url}#${tab}`);
          await page.press("ArrowRight");
          assertEquals(
            await page.evaluate("document.documentElement.scrollWidth <= innerWidth"),
            true,
            `${tab} at ${width}`,
          );
          assertEquals(await page.evaluate("document.getAnimations().length"), 0);
        }
      }
    });

    await t.step("the page has thrown nothing", () => assertEquals(page.errors, []));
  } finally {
    await stop();
  }
  assert(url.startsWith("http://127.0.0.1:"));
});
