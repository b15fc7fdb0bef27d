// A person at a terminal: tmux holds it, keys are typed into it, and what its screen shows is read back. A server of its own
// for each, so that nobody else's is touched.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

export interface Seat {
  /** Before every command, to be in another world. */
  readonly enter: readonly string[];
  readonly directory: string;
  /** Where the person's shell begins. */
  readonly work: string;
  readonly environment: Readonly<Record<string, string>>;
}

export const withoutTmux: string | false =
  spawnSync("tmux", ["-V"]).status === 0 ? false : "NOT TRIED: no tmux here: apt-get install tmux";

const patience = 90_000;
/** Milliseconds in which a screen that nobody types at stays the same. */
const settling = 800;

export class Terminal implements Disposable {
  readonly #socket: string;
  readonly #seat: Seat;
  /** Every screen that was waited for, as it was then. */
  readonly screens: string[] = [];

  constructor(seat: Seat) {
    this.#seat = seat;
    mkdirSync(join(seat.directory, "screens"), { recursive: true });
    this.#socket = join(seat.directory, "tmux");
    const size = ["-x", "110", "-y", "34", "-c", seat.work];
    this.#tmux(["-f", "/dev/null", "new-session", "-d", "-s", "person", ...size, "bash --norc --noprofile"]);
    this.#tmux(["set-option", "-g", "history-limit", "20000"]);
  }

  /** Keys by tmux' names. */
  press(...keys: readonly string[]): void {
    this.#tmux(["send-keys", "-t", "person", ...keys]);
  }

  type(text: string): void {
    this.#tmux(["send-keys", "-t", "person", "-l", text]);
  }

  resize(columns: number, rows: number): void {
    this.#tmux(["resize-window", "-t", "person", "-x", String(columns), "-y", String(rows)]);
  }

  screen(): string {
    return this.#tmux(["capture-pane", "-p", "-t", "person"]);
  }

  /** With all that has scrolled away. */
  history(): string {
    return this.#tmux(["capture-pane", "-p", "-S", "-", "-t", "person"]);
  }

  /** Waits for it on the screen, and keeps that screen. */
  async until(pattern: RegExp): Promise<string> {
    for (const end = Date.now() + patience; ; ) {
      const screen = this.screen();
      if (pattern.test(screen)) return this.#keep(screen);
      if (Date.now() > end) throw new Error(`${pattern} was never shown; last:\n${screen}`);
      await setTimeout(150);
    }
  }

  /**
   * Presses it, or these together, until that is shown, each time on a screen that has stood still, as a person would: while one is being put up
   * keys may be dropped, and Codex was seen to stop answering.
   */
  async pressUntil(keys: string | readonly string[], pattern: RegExp): Promise<void> {
    for (const end = Date.now() + patience; !pattern.test(this.screen()) && Date.now() < end; ) {
      let before = "";
      while (before !== this.screen()) {
        before = this.screen();
        await setTimeout(settling);
      }
      this.press(...[keys].flat());
      for (let look = 0; look < 10 && !pattern.test(this.screen()); look += 1) await setTimeout(150);
    }
    await this.until(pattern);
  }

  #keep(screen: string): string {
    this.screens.push(screen);
    writeFileSync(join(this.#seat.directory, "screens", `${this.screens.length}.txt`), screen);
    return screen;
  }

  #tmux(words: readonly string[]): string {
    const [program = "", ...more] = [...this.#seat.enter, "tmux", "-S", this.#socket, ...words];
    return execFileSync(program, more, {
      encoding: "utf8",
      env: { ...this.#seat.environment, TERM: "xterm-256color" },
    });
  }

  [Symbol.dispose](): void {
    try {
      this.#tmux(["kill-server"]);
    } catch {
      // it has ended with its last shell
    }
  }
}
