import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { openFilter } from "./filter.ts";
import { openModes } from "./modes.ts";

function filter(input: string | Uint8Array, cuts: readonly number[] = []): string {
  const bytes = Buffer.from(input);
  const { feed, finish } = openFilter();
  const places = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort((a, b) => a - b);
  return (
    places
      .slice(1)
      .map((to, index) => feed(bytes.subarray(places[index], to)))
      .join("") + finish()
  );
}

const passes = [
  "plain text\r\n\ttab \b é 漢 👍\x7f",
  "\x1b[31;1mred\x1b[0m\x1b[2J\x1b[10;20H\x1b[?1049h\x1b[?25l\x1b[6n\x1b[c\x1b[>c\x1b[?u\x1b[>1u",
  "\x1b[14t\x1b[18t\x1b[22;0t\x1b[23t",
  "\x1b(0lqk\x1b(B\x1b7\x1b8\x1b=\x1b>\x1bM\x1bc\x1b#8\x1b%G",
  "\x1b]0;title\x07\x1b]2;title ü\x1b\\\x1b]8;;https://example.org\x1b\\link\x1b]8;;\x1b\\\x1b]11;?\x07\x1b]133;A\x07",
  "\x1b]9;4;1;50\x07\x1b]9;build done\x07\x1b]777;notify;a;b\x07\x1b]104\x07\x1b]110\x1b\\",
  "\x1bP$qm\x1b\\\x1bP+q544e\x1b\\\x1bP0;1;8q#0;2;0;0;0~~\x1b\\\x1bP=1s\x1b\\",
  "\x1b_Ga=T,f=100,t=d;AAAA\x1b\\\x1b_Gm=0;AA\x1b\\\x1b_Ga=q\x1b\\",
  '\x1bPq"1;1;6;12#0;2;100;0;0\r\n#0!6~$-\n!6~\x1b\\',
  "\x1b]1337;File=inline=1:AAAA\x07\x1b]1337;File=name=eA==;size=4;width=10px;inline=1;preserveAspectRatio=0:AAAA\x1b\\",
  "\x1b]1337;MultipartFile=inline=1;size=8\x07\x1b]1337;FilePart=AAAA\x07\x1b]1337;FileEnd\x07",
  "\x1b]1337;ReportCellSize\x07\x1b]1337;Capabilities\x1b\\\x1b[16t\x1b[?2;1;0S\x1b[>q",
];

const drops: readonly (readonly [string, string])[] = [
  ["\x1b]52;c;cHduZWQ=\x07", "clipboard"],
  ["\x1b]52;c;?\x1b\\", "clipboard read"],
  ["\x1b]052;c;cHduZWQ=\x07", "clipboard, leading zero"],
  ["\x1b]5522;x\x07", "kitty clipboard"],
  ["\x1b]50;#1\x07", "font"],
  ["\x1b]46;/tmp/x\x07", "log file"],
  ["\x1b]51;Emessage\x07", "Emacs"],
  ['\x1b]9;7;"cmd"\x07', "ConEmu run"],
  ["\x1b]9;6;x\x07\x1b]9;7\x07", "ConEmu macro"],
  ["\x1b]1337;File=name=eA==:eA==\x07", "iTerm2 download"],
  ["\x1b]1337;File=name=eA==;inline=0:eA==\x07\x1b]1337;File=inline=1;inline=0:eA==\x07", "the same, said otherwise"],
  ["\x1b]1337;File=inline=0;inline=1:eA==\x07\x1b]1337;File=inline=10:eA==\x07", "and otherwise again"],
  ["\x1b]1337;File=x=1;inline=1:eA==\x07\x1b]1337;File=inline=1\x07\x1b]1337;File=:inline=1:x\x07", "malformed"],
  ["\x1b]1337;MultipartFile=name=eA==\x07\x1b]1337;MultipartFile=inline=1:x\x07", "iTerm2 download in parts"],
  ["\x1b]1337;RequestUpload=format=tgz\x07\x1b]1337;Copy=:eA==\x07\x1b]1337;CopyToClipboard=\x07", "iTerm2 uploads"],
  ["\x1b]1337;SetKeyLabel=F1=x\x07\x1b]1337;Custom=id=x:y\x07\x1b]1337;ReportVariable=eA==\x07", "iTerm2's own"],
  ["\x1b]777;open;x\x07", "urxvt extension"],
  ["\x1b]633;E;rm\x07", "editor's record"],
  ["\x1b]\x07\x1b]x;y\x07", "no number"],
  ["\x1bP0;1|17/0a\x1b\\", "user-defined keys"],
  ["\x1bP!zcode\x1b\\\x1bP1;1;1{x\x1b\\", "macro, font"],
  ["\x1bPtmux;x\x1b\\\x1bP1000p\x1b\\", "tmux"],
  ["\x1b^x\x1b\\\x1bXx\x1b\\\x1bktitle\x1b\\", "PM, SOS, screen title"],
  ["\x1b_Ga=T,t=f;L2V0Yy9wYXNzd2Q=\x1b\\\x1b_Gt=t;x\x1b\\\x1b_title\x1b\\", "kitty by file, tmux title"],
  ["\x1b[21t\x1b[20t\x1b[1t\x1b[8;99;99t\x1b[>2t\x1b[>1T", "window and title"],
  ["\x1b[5i\x1b[4i\x1b[i\x1b[?5i", "printer"],
  ['\x1b[1;1;1;1;99;99*y\x1b[1*z\x1b[62;0"p', "screen read, macro, conformance"],
  ["\x1b%@\x1b G\x1b\\\x05", "encoding, 8-bit controls, lone ST, answerback"],
  ["\u009d52;c;x\u009c", "C1 in UTF-8"],
  ["\u009b21t\u0090|x\u009c", "C1 CSI and DCS"],
  [`\x1b[${"1;".repeat(200)}m\x1b\\`, "endless CSI"],
];

test("ordinary programs' output passes as it came", () => {
  for (const text of passes) assert.equal(filter(text), text);
});

test("what reprograms or reads the terminal does not pass", () => {
  for (const [text, what] of drops) assert.equal(filter(`a${text}b`), "ab", what);
});

test("lines pass in a picture alone: a terminal that echoes a request would type them", () => {
  for (const head of ["$q", "+q", "=1s"]) assert.doesNotMatch(filter(`\x1bP${head}m\r\nid\r\n\x1b\\`), /[\r\n]/, head);
  assert.match(filter("\x1bP0;1q#0\r\n~-\n~\x1b\\"), /\r\n~-\n/);
});

test("pieces cannot join into a sequence", () => {
  const osc = "\x1b]52;c;x\x07";
  assert.equal(filter(`\x1b${osc}]52;c;y\x07`), "]52;c;y\x07");
  assert.equal(
    filter(Buffer.concat([Buffer.from([0xc2]), Buffer.from(osc), Buffer.from([0x9d, 0x35])])),
    "\ufffd\ufffd5",
  );
  assert.equal(filter(Buffer.from([0x9d, 0x35, 0x32, 0x3b, 0x63])), "\ufffd52;c");
  assert.equal(filter("\x1b\x1b]52;c;x\x07"), "");
  assert.equal(filter("\x1b[2\x1b]52;c;x\x071t"), "1t");
  assert.equal(filter("\x1b]0;a\x1b]52;c;x\x07"), "\x1b]0;a\x1b\\");
  assert.equal(filter("\x1bP0q\x07\u009d52;c;x\x07"), "\x1bP0q\x1b\\");
});

const piece = fc.oneof(
  fc.constantFrom(
    "\x1b",
    "]",
    "52;c;",
    "P",
    "[",
    "21t",
    "\x07",
    "\x1b\\",
    "\u009d",
    "\u009b",
    "\x18",
    "_G",
    "t=f;",
    "9;",
    "0;",
    "k",
    "q",
    "5i",
    "%@",
    "é",
    "\x05",
    "?1049h",
    "1337;",
    "File=",
    "inline=1",
    "inline=0",
    ":",
    ";",
    "\n",
  ),
  fc.string({ maxLength: 6 }),
);
const stream = fc.oneof(
  fc.array(piece).map((pieces) => Buffer.from(pieces.join(""))),
  fc.uint8Array({ maxLength: 200 }),
);

test("hostile streams: cut anywhere gives the same, again gives the same, and nothing forbidden is in it", () => {
  fc.assert(
    fc.property(stream, fc.array(fc.nat(500)), (bytes, cuts) => {
      const once = filter(bytes);
      assert.equal(filter(bytes, cuts), once);
      assert.equal(filter(once).replace(/(\x1b\\|\x07)$/, ""), once.replace(/(\x1b\\|\x07)$/, ""));
      // read by a second, simpler eye
      assert.doesNotMatch(
        once,
        /[\x80-\x9f\x05]|\x1b\](?:52|50|46|51|1337;(?!File=[^:]*inline=1|MultipartFile=[^:]*inline=1|FilePart=|FileEnd|ReportCellSize|Capabilities))\b|\x1bP[\d;]*\||\x1b\[(?:2[01]t|[?\d;]*i)|\x1b[\^Xk]|\x1b%@/,
      );
    }),
    { numRuns: 2_000 },
  );
});

test("a string that stands open is ended where the terminal goes to somebody else, and its rest does not follow", () => {
  const { feed, cut, finish } = openFilter();
  assert.equal(feed(Buffer.from("a\x1b_Ga=T;AAA")) + cut(), "a\x1b_Ga=T;AAA\x1b\\");
  assert.equal(feed(Buffer.from("BBB\x1b\\b\x1bPqAA")) + finish(), "b\x1bPqAA\x1b\\");
  const other = openFilter();
  assert.equal(other.feed(Buffer.from("a\x1b[3")) + other.cut(), "a");
  assert.equal(other.feed(Buffer.from("1mb\x1b]52;c;x")) + other.cut(), "\x1b[31mb");
  assert.equal(other.feed(Buffer.from("y\x07c")) + other.finish(), "c");
});

test("state stays bounded while a string never ends", () => {
  const { feed } = openFilter();
  const out = [feed(Buffer.from("\x1b]0;")), ...Array.from({ length: 100 }, () => feed(Buffer.alloc(10_000, "x")))];
  assert.equal(out.join("").length, 1_000_004);
  assert.equal(filter(`\x1b_G${"a".repeat(1_000)};b\x1b\\c`), "c");
});

test("modes left behind are put back, others not touched", () => {
  const run = (...sequences: string[]): string => {
    const modes = openModes();
    const { feed } = openFilter(modes.note);
    feed(Buffer.from(sequences.map((sequence) => `\x1b${sequence}`).join("")));
    return modes.undo();
  };
  assert.equal(run("[?25l", "[?25h", "[2J", "[?1049h", "[?1049l"), "");
  assert.equal(
    run("[?1049h", "[?25l", "[?1000;1006h", "[>1u", "[>1u", "[<u"),
    "\x1b[<1u\x1b[?25h\x1b[?1000l\x1b[?1006l\x1b[?1049l",
  );
  assert.equal(run("[31m", "[4 q", "[>4;2m"), "\x1b[0m\x1b[0 q\x1b[>4m");
  assert.equal(run("=", "(0", "c\x0e"), "\x1b>\x1b(B\x0f");
  assert.equal(run("(B", ">", "7"), "");
  assert.equal(run("*0", "n", "[4h", "[?69;20h", "[20;12l", "[?9001h"), "\x0f\x1b[4l\x1b[12h\x1b[?69l\x1b[?9001l");
});

test("colours that would hide what is said next are put back, and only asked for are left", () => {
  const run = (text: string): string => {
    const modes = openModes();
    const { feed } = openFilter(modes.note);
    for (const char of text) feed(Buffer.from(char));
    const slow = modes.undo();
    const again = openModes();
    openFilter(again.note).feed(Buffer.from(text));
    assert.equal(again.undo(), slow);
    return slow.replaceAll("\x1b\\", "").replaceAll("\x1b]", " ");
  };
  assert.equal(run("\x1b]11;?\x07\x1b]4;7;?;8;?\x1b\\\x1b]0;title\x07"), "");
  for (const set of ["10;#000000\x07", "11;black\x1b\\", "10;?;rgb:0/0/0\x07"])
    assert.equal(run(`\x1b]${set}`), " 110 111 112 113 114 117 119");
  assert.equal(run("\x1b]4;7;#000\x07"), " 104");
  assert.equal(run("\x1b]21;foreground=#000\x1b\\"), " 104 110 111 112 113 114 117 119");
});

test("a locked keyboard, a VT52 and clicks that wait are nobody's to set", () => {
  for (const sequence of ["[2h", "[4;02h", "[?2l", "[?25;2l", "[?1001h", "[?1000;1001h"])
    assert.equal(filter(`a\x1b${sequence}b`), "ab", sequence);
  for (const sequence of ["[2l", "[?2h", "[?25l", "[?12h", "[?2004h", "[?1001l", "[22m"])
    assert.equal(filter(`a\x1b${sequence}b`), `a\x1b${sequence}b`, sequence);
});

test("where the next line goes is not moved by putting scrolling back", () => {
  const modes = openModes();
  openFilter(modes.note).feed(Buffer.from("\x1b[?1049h\x1b[5r"));
  assert.equal(modes.undo(), "\x1b[?1049l\x1b7\x1b[r\x1b8");
});
