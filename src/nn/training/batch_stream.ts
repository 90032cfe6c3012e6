import { message } from "../../_internal/message.ts";
import type { BatchIterable } from "./data.ts";

type AnyIterator = AsyncIterator<unknown> | Iterator<unknown>;

/** What can be asked for one of its epochs, as a Dataset can: the same order whenever it is asked for. */
interface Epochs {
  epoch(number: number): AnyIterator;
  /** How many batches an epoch has, if that is known. */
  readonly size?: number | undefined;
}

function hasEpochs(iterable: object): iterable is Epochs {
  return "epoch" in iterable && typeof iterable.epoch === "function";
}

/** An iterable of batches, whose first batch may be looked at before it is gone through. */
export class BatchStream {
  readonly #title: string;
  readonly #iterable: BatchIterable | (BatchIterable & Epochs);
  /** The epoch that was looked into, where it goes on after its first batch. */
  #opened: { readonly number: number; readonly first: unknown; readonly rest: AnyIterator } | undefined;
  #running: AsyncGenerator<unknown, void, unknown> | undefined;

  constructor(title: string, iterable: BatchIterable) {
    this.#title = title;
    this.#iterable = iterable;
  }

  /** Whether it has epochs of its own, and can be gone through as often as wanted. */
  get isByEpoch(): boolean {
    return hasEpochs(this.#iterable);
  }

  /** How many batches an epoch has, if that is known. */
  get size(): number | undefined {
    const size = hasEpochs(this.#iterable) ? this.#iterable.size : undefined;
    return size !== undefined && Number.isFinite(size) ? size : undefined;
  }

  /**
   * The first batch of an epoch; {@linkcode start} gives it again.
   *
   * @throws {TypeError} If there is none
   */
  async peek(number: number): Promise<unknown> {
    const rest = this.#open(number);
    const { done, value } = await rest.next();
    if (done) throw new TypeError(message`Cannot train ${this.#title}: the iterable gave no batch`);
    this.#opened = { number, first: value, rest };
    return value;
  }

  /** The batches of an epoch; the number matters only to what has epochs of its own. */
  async *start(number: number): AsyncGenerator<unknown, void, unknown> {
    const opened = this.#opened;
    this.#opened = undefined;
    const isSame = opened !== undefined && (opened.number === number || !this.isByEpoch);
    if (!isSame) await opened?.rest.return?.();
    const running = isSame ? opened.rest : this.#open(number);
    let isFinished = false;
    try {
      if (isSame) yield opened.first;
      for (let next = await running.next(); !next.done; next = await running.next()) yield next.value;
      isFinished = true;
    } finally {
      if (!isFinished) await running.return?.();
    }
  }

  /**
   * The batches of all epochs, one after the other; whoever asks again goes on where it was. What has no epochs of its
   * own ends after the first.
   *
   * @param taken How many have been taken in earlier trainings
   */
  goOn(taken: number): AsyncGenerator<unknown, void, unknown> {
    return this.#running ??= this.#startAfter(taken);
  }

  /** Ends what was begun. */
  async close(): Promise<void> {
    await this.#opened?.rest.return?.();
    await this.#running?.return();
  }

  async *#startAfter(taken: number): AsyncGenerator<unknown, void, unknown> {
    let number = this.size !== undefined && this.size > 0 ? Math.floor(taken / this.size) : 0;
    let left = this.isByEpoch ? taken - number * (this.size ?? 0) : 0;
    for (let count = 1; count > 0; number++) {
      count = 0;
      for await (const batch of this.start(number)) {
        count++;
        if (left > 0) left--;
        else yield batch;
      }
      if (!this.isByEpoch) return;
    }
  }

  #open(number: number): AnyIterator {
    const iterable = this.#iterable;
    if (hasEpochs(iterable)) return iterable.epoch(number);
    return Symbol.asyncIterator in iterable ? iterable[Symbol.asyncIterator]() : iterable[Symbol.iterator]();
  }
}
