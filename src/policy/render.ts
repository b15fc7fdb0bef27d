// Faults and notices → text for a person: what, where, the line with a caret under it, a hint, an example.

import type { PolicyFault } from "./fault.ts";

/** One paragraph a fault, in the house's voice; ends with a line feed. */
export function renderFaults(faults: readonly PolicyFault[]): string {
  return faults.map((fault) => `${renderFault(fault).join("\n")}\n`).join("\n");
}

function renderFault(fault: PolicyFault): string[] {
  const where = fault.line === 0 ? fault.file : `${fault.file}:${fault.line}:${fault.column}`;
  return [
    `postern: ${where}: ${fault.message}`,
    ...pointed(fault),
    ...(fault.hint === "" ? [] : [`postern: hint: ${fault.hint}`]),
    ...(fault.example === "" ? [] : ["", ...fault.example.split("\n").map((line) => `    ${line}`)]),
  ];
}

function pointed(fault: PolicyFault): string[] {
  if (fault.excerpt === undefined || fault.line === 0) return [];
  const number = String(fault.line).padStart(5);
  const room = Math.max(1, fault.excerpt.length - fault.column + 1);
  const caret = "^".repeat(Math.max(1, Math.min(fault.width, room)));
  return [`${number} | ${fault.excerpt}`, `${" ".repeat(number.length)} | ${" ".repeat(fault.column - 1)}${caret}`];
}
