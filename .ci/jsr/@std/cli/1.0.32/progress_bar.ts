/** A stand-in for the progress bar: it keeps count and draws the last line on standard error. */
export class ProgressBar {
  value: number;
  max: number;

  constructor(options: { max: number; value?: number; barLength?: number }) {
    this.max = options.max;
    this.value = options.value ?? 0;
  }

  stop(): Promise<void> {
    console.error(`[${this.value}/${this.max}]`);
    return Promise.resolve();
  }
}
