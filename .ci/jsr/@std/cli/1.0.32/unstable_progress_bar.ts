/** What a formatter is told on every update. */
export interface ProgressBarFormatter {
  /** The time since the start, `mm:ss`. */
  styledTime: string;
  /** Value and maximum in units of bytes, `0.40/97.66 KiB`. */
  styledData: (fractions?: number) => string;
  /** The bar, `###-------`. */
  progressBar: string;
  /** Milliseconds since the start. */
  time: number;
  previousTime: number;
  value: number;
  previousValue: number;
  max: number;
}

/** Options of {@linkcode ProgressBar}. */
export interface ProgressBarOptions {
  writable?: WritableStream<Uint8Array>;
  value?: number;
  max: number;
  barLength?: number;
  fillChar?: string;
  emptyChar?: string;
  clear?: boolean;
  formatter?: (formatter: ProgressBarFormatter) => string;
  keepOpen?: boolean;
}

const CLEAR_LINE = "\r\x1b[K";
const UNITS = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/** Draws a bar once a second, and when it is made and stopped. */
export class ProgressBar {
  value: number;
  max: number;
  readonly #options: Required<Omit<ProgressBarOptions, "value" | "max">>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #start: number = Date.now();
  readonly #timer: ReturnType<typeof setInterval>;
  #previousTime = 0;
  #previousValue: number;

  constructor(options: ProgressBarOptions) {
    this.#options = {
      writable: options.writable ?? Deno.stderr.writable,
      barLength: options.barLength ?? 50,
      fillChar: options.fillChar ?? "#",
      emptyChar: options.emptyChar ?? "-",
      clear: options.clear ?? false,
      formatter: options.formatter ?? format,
      keepOpen: options.keepOpen ?? true,
    };
    this.value = options.value ?? 0;
    this.max = options.max;
    this.#previousValue = this.value;
    this.#writer = this.#options.writable.getWriter();
    this.#timer = setInterval(() => this.#draw(), 1000);
    this.#draw();
  }

  /** Draws a last time, or clears the line, and lets the stream go. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    if (!this.#options.clear) this.#draw();
    await this.#write(this.#options.clear ? CLEAR_LINE : "\n");
    if (this.#options.keepOpen) this.#writer.releaseLock();
    else await this.#writer.close().catch(() => {});
  }

  #draw(): void {
    const { barLength, fillChar, emptyChar, formatter } = this.#options;
    const { value, max } = this;
    const time = Date.now() - this.#start;
    const filled = Math.trunc(Math.min(Math.max(value / max, 0), 1) * barLength);
    const text = formatter({
      styledTime: formatTime(time),
      styledData: (fractions = 2) => formatData(value, max, fractions),
      progressBar: fillChar.repeat(filled) + emptyChar.repeat(barLength - filled),
      time,
      previousTime: this.#previousTime,
      value,
      previousValue: this.#previousValue,
      max,
    });
    this.#previousTime = time;
    this.#previousValue = value;
    void this.#write(CLEAR_LINE + text);
  }

  /** A terminal that is gone doesn't stop the work. */
  async #write(text: string): Promise<void> {
    await this.#writer.write(new TextEncoder().encode(text)).catch(() => clearInterval(this.#timer));
  }
}

function format({ styledTime, progressBar, styledData }: ProgressBarFormatter): string {
  return `[${styledTime}] [${progressBar}] [${styledData()}]`;
}

function formatTime(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / 1000);
  return [Math.trunc(seconds / 60), seconds % 60].map((part) => String(part).padStart(2, "0")).join(":");
}

function formatData(value: number, max: number, fractions: number): string {
  const power = Math.min(Math.max(Math.floor(Math.log2(max) / 10), 1), UNITS.length);
  const [part, whole] = [value, max].map((bytes) => (bytes / 1024 ** power).toFixed(fractions));
  return `${part}/${whole} ${UNITS[power - 1]}`;
}
