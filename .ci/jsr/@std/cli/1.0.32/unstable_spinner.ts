/** Options of {@linkcode Spinner}. */
export interface SpinnerOptions {
  message?: string;
  interval?: number;
  spinner?: string[];
}

const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const CLEAR_LINE = "\r\x1b[K";

/** Draws a sign that turns, and a message, on standard output. */
export class Spinner {
  message: string;
  readonly #interval: number;
  readonly #frames: readonly string[];
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(options: SpinnerOptions = {}) {
    this.message = options.message ?? "";
    this.#interval = options.interval ?? 75;
    this.#frames = options.spinner ?? FRAMES;
  }

  start(): void {
    if (this.#timer !== undefined) return;
    let turn = 0;
    const draw = (): void =>
      write(`${CLEAR_LINE}${this.#frames[turn++ % this.#frames.length]} ${this.message}`);
    this.#timer = setInterval(draw, this.#interval);
    draw();
  }

  stop(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    write(CLEAR_LINE);
  }
}

function write(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text));
}
