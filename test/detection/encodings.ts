// Ways of writing a value that are tried, written here anew: what is sought is made by other code (src/inspection/forms.ts).

const octets = (value: string): Buffer => Buffer.from(value, "utf8");
const units = (value: string): number[] => Array.from({ length: value.length }, (_, at) => value.charCodeAt(at));

export const encodings: Readonly<Record<string, (value: string) => string | undefined>> = {
  plain: (value) => value,
  "upper case": (value) => value.toUpperCase(),
  "lower case": (value) => value.toLowerCase(),
  reversed: (value) => {
    const text = octets(value).reverse().toString("utf8");
    // octets of a character the other way round are no text
    return text.includes("\ufffd") ? undefined : text;
  },
  "base64, first alignment": (value) => Buffer.concat([octets("abc"), octets(value), octets("xyz")]).toString("base64"),
  "base64, second alignment": (value) =>
    Buffer.concat([octets("abcd"), octets(value), octets("xyz")]).toString("base64"),
  "base64, third alignment": (value) =>
    Buffer.concat([octets("abcde"), octets(value), octets("xyz")]).toString("base64"),
  base64url: (value) => octets(value).toString("base64url"),
  "base64 in lines of 76": (value) =>
    (
      octets(`${value.slice(0, 4)} ${"filler ".repeat(12)}${value}`)
        .toString("base64")
        .match(/.{1,76}/g) ?? []
    ).join("\n"),
  "base64 of base64": (value) => octets(octets(`key=${value}\n`).toString("base64")).toString("base64"),
  hexadecimal: (value) => octets(value).toString("hex"),
  "hexadecimal, upper case": (value) => octets(value).toString("hex").toUpperCase(),
  "percent signs": (value) => encodeURIComponent(value),
  "percent signs, every octet": (value) => octets(value).toString("hex").replace(/../g, "%$&"),
  "in JSON": (value) => JSON.stringify({ value }),
  "in JSON in JSON": (value) => JSON.stringify({ inner: JSON.stringify({ value }) }),
  "JSON, every unit escaped": (value) =>
    units(value)
      .map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`)
      .join(""),
};
