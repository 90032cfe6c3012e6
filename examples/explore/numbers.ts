/** Numbers as the page writes them: four digits, a true minus, powers of ten for very large and small ones. */

/** A number with so many digits. */
export function write(value: number, digits = 4): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-4) {
    const [mantissa, exponent] = value.toExponential(digits - 1).split("e") as [string, string];
    return `${minus(trim(mantissa))}×10${superscript(String(Number(exponent)))}`;
  }
  return minus(trim(value.toPrecision(size >= 1000 ? Math.max(6, digits) : digits)));
}

/** A true minus for each hyphen in a text that the library wrote. */
export function minus(text: string): string {
  return text.replaceAll("-", "−");
}

/** The text of a number as a factor: in brackets if it is negative. */
export function bracket(text: string): string {
  return text.startsWith("−") ? `(${text})` : text;
}

function trim(text: string): string {
  return text.includes("e") ? String(Number(text)) : text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

function superscript(digits: string): string {
  return Array.from(digits, (digit) => digit === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)]).join("");
}

/** Reads a number or a fraction such as `-3/4`; undefined if it is none. */
export function read(text: string): number | undefined {
  const [above, below, more] = text.replaceAll("−", "-").replaceAll(",", ".").trim().split("/");
  if (more !== undefined || above === undefined || above.trim() === "" || below?.trim() === "") {
    return undefined;
  }
  const value = Number(above) / Number(below ?? 1);
  return Number.isNaN(value) ? undefined : value;
}
