// Runs a command on a terminal of its own and draws what it showed as an SVG: the pictures in the documents are real runs.
//   node scripts/picture.ts docs/pictures/demo.svg ./postern demo

import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";

const [file = "", ...command] = process.argv.slice(2);
if (command.length === 0) {
  process.stderr.write("picture: usage: node scripts/picture.ts FILE.svg COMMAND…\n");
  process.exit(2);
}
const typed = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
// its input stays open: a terminal whose input ends shows that
const running = spawn("script", ["-qec", `stty cols 96; ${typed}`, "/dev/null"], {
  stdio: ["pipe", "pipe", "inherit"],
  env: { ...process.env, TERM: "xterm-256color" },
});
let shown = "";
running.stdout.setEncoding("utf8").on("data", (chunk: string) => {
  shown += chunk;
});
const [code] = await once(running, "close");
if (code !== 0) {
  process.stderr.write(`${shown}picture: the command ended with ${code}; nothing was drawn\n`);
  process.exit(1);
}
writeFileSync(file, draw(shown.replaceAll("\r", "").split("\n"), `$ ${command.join(" ")}`));

interface Piece {
  readonly text: string;
  readonly style: string;
}

/** Only what our own output uses: bold, dim, red, and their ends. */
function parse(line: string): Piece[] {
  const pieces: Piece[] = [];
  let style = "";
  for (const part of line.split(/(\u001b\[[0-9;?]*[A-Za-z])/)) {
    if (part.startsWith("\u001b")) {
      const code = part.slice(2, -1);
      style = code === "1" ? "b" : code === "2" ? "d" : code === "31" ? "r" : "";
    } else if (part !== "") pieces.push({ text: part, style });
  }
  return pieces;
}

function draw(lines: readonly string[], title: string): string {
  const rows = [title, ...trim(lines)];
  const columns = Math.max(...rows.map((row) => row.replaceAll(/\u001b\[[0-9;?]*[A-Za-z]/g, "").length));
  const [width, height] = [columns * 7.83 + 40, rows.length * 19 + 40];
  const body = rows.map(
    (row, at) =>
      `<text x="20" y="${33 + at * 19}">${spans(at === 0 ? [{ text: row, style: "d" }] : parse(row))}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${Math.ceil(width)} ${height}" width="${Math.ceil(width)}" height="${height}" role="img" aria-label="${quote(title)}">
<style>text{font:13px "JetBrains Mono","DejaVu Sans Mono",Menlo,Consolas,monospace;fill:#ececea;white-space:pre}.b{font-weight:700}.d{fill:#969ba1}.r{fill:#f2675d}</style>
<rect width="100%" height="100%" rx="6" fill="#121315"/>
${body.join("\n")}
</svg>
`;
}

function trim(lines: readonly string[]): readonly string[] {
  const from = lines.findIndex((line) => line.trim() !== "");
  return lines.slice(from, lines.findLastIndex((line) => line.trim() !== "") + 1);
}

function spans(pieces: readonly Piece[]): string {
  return pieces
    .map(({ text, style }) => (style === "" ? quote(text) : `<tspan class="${style}">${quote(text)}</tspan>`))
    .join("");
}

function quote(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
