import { message } from "../_internal/message.ts";
import { describeValue } from "../_internal/format.ts";
import { showAs } from "../_internal/show.ts";
import { readNumber, readOptions, readText } from "../_internal/readers/mod.ts";

/** A picture that a notebook shows where it is the result of a cell. */
export class Picture {
  /** SVG text. */
  readonly svg: string;

  /** @internal Use `picture`. */
  constructor(svg: string) {
    this.svg = svg;
  }

  /** The SVG text. */
  toString(): string {
    return this.svg;
  }
}

showAs(Picture.prototype, ({ svg }) => `Picture of ${svg.length} characters of SVG`, ({ svg }) => svg);

/**
 * Lets a notebook show a picture: put it at the end of a cell.
 *
 * @param svg SVG text, as all functions of this door give it, or a promise of it
 * @throws {TypeError} If it is no SVG text
 *
 * @example
 * ```ts
 * import { lossChart, picture } from "@tapegrad/tapegrad/viz";
 *
 * console.log((await picture(lossChart({ loss: [3, 2, 1] }))).svg.startsWith("<svg")); // true
 * ```
 */
export async function picture(svg: string | Promise<string>): Promise<Picture> {
  const text = readText("picture", "the picture", await svg);
  if (text.includes("<svg")) return new Picture(text);
  throw new TypeError(message`Cannot show ${describeValue(text)}: pass SVG text, such as lossChart gives`);
}

/** How a picture is turned into pixels. */
export interface PngOptions {
  /** Pixels for each pixel of the picture, 2 by default. */
  readonly scale?: number;
}

/**
 * A picture as the bytes of a PNG file, with the fonts of the system. Drawn by resvg, which is loaded by the first call
 * and needs the permissions to read, to read the environment, to ask for the system (`--allow-sys`) and for native code
 * (`--allow-ffi`).
 *
 * @param svg SVG text
 * @param options The scale
 * @throws {TypeError} If it is no text
 * @throws {SyntaxError} If it is no SVG text
 * @throws {RangeError} If the scale is not from 0.1 to 10
 *
 * @example
 * ```ts
 * import { lossChart, svgToPng } from "@tapegrad/tapegrad/viz";
 *
 * const png = await svgToPng(await lossChart({ loss: [3, 2, 1] }));
 * console.log(new TextDecoder().decode(png.subarray(1, 4))); // PNG
 * ```
 */
export async function svgToPng(svg: string, options: PngOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
  readText("svgToPng", "the picture", svg);
  const { scale } = readOptions<PngOptions, { scale: number }>("svgToPng", options, { scale: 2 });
  const zoom = readNumber("svgToPng", "scale", scale, { min: 0.1, max: 10 });
  const { Resvg } = await import("npm:@resvg/resvg-js@^2.6.2");
  let drawn;
  try {
    drawn = new Resvg(svg, {
      fitTo: { mode: "zoom", value: zoom },
      font: { loadSystemFonts: true, defaultFontFamily: "DejaVu Sans" },
    });
  } catch (error) {
    throw new SyntaxError(
      message`Cannot draw the picture: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  return Uint8Array.from(drawn.render().asPng());
}
