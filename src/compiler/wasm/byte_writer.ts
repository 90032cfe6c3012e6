const TEXT = new TextEncoder();

/** Bytes that grow. */
export class ByteWriter {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  /** How many bytes have been written. */
  length = 0;

  #reserve(count: number): void {
    if (this.length + count <= this.#bytes.length) return;
    const bytes = new Uint8Array(Math.max(2 * this.#bytes.length, this.length + count));
    bytes.set(this.#bytes.subarray(0, this.length));
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }

  /** Writes one byte. */
  byte(value: number): void {
    if (this.length === this.#bytes.length) this.#reserve(1);
    this.#bytes[this.length++] = value;
  }

  /** Writes an unsigned integer of 32 bits in LEB128. */
  unsigned(value: number): void {
    let rest = value >>> 0;
    while (rest > 0x7f) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    this.byte(rest);
  }

  /** Writes an integer of 32 bits, taken as signed, in LEB128. */
  signed(value: number): void {
    let rest = value | 0;
    // The last byte's highest bit but one is the sign.
    while (rest < -0x40 || rest > 0x3f) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>= 7;
    }
    this.byte(rest & 0x7f);
  }

  /** Writes a float32. */
  float32(value: number): void {
    this.#reserve(4);
    this.#view.setFloat32(this.length, value, true);
    this.length += 4;
  }

  /** Writes a float64. */
  float64(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  /** Writes a text with its length. */
  name(text: string): void {
    const bytes = TEXT.encode(text);
    this.unsigned(bytes.length);
    this.bytes(bytes);
  }

  /** Writes bytes as they are. */
  bytes(bytes: ArrayLike<number>): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Writes what another has written. */
  append(other: ByteWriter): void {
    this.bytes(other.#bytes.subarray(0, other.length));
  }

  /** Moves what was written from `from` on to before what stands at `to`, which is not after it. */
  moveBack(from: number, to: number): void {
    const moved = this.#bytes.slice(from, this.length);
    this.#bytes.copyWithin(to + moved.length, to, from);
    this.#bytes.set(moved, to);
  }

  /** What has been written. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.length);
  }
}
