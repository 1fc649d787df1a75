/**
 * A program in a real terminal (a pty that `script` of util-linux makes), and what that terminal shows: the
 * few codes that the program may send are obeyed, any other one is an error.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import type { TestContext } from "node:test";

/** Why there is no terminal for tests here, or false. */
export const noTerminal: string | false =
  process.platform === "linux" &&
  spawnSync("script", ["--version"]).stdout?.toString().includes("util-linux") === true
    ? false
    : "there is no program that gives another one a terminal";

const PATIENCE_MS = 120_000;

/** What a terminal shows. */
export class Shown {
  /** What the program has written line by line, before and after the other screen. */
  main = "";
  /** Rows of the other screen; null when it is not shown. */
  other: string[] | null = null;
  cursor = true;
  wrapping = true;
  /** Whether any colour or weight was ever asked for. */
  colored = false;
  #rest = "";
  #row = 0;

  /** Obeys what a program has sent; keeps the part of a code whose end has not come yet. */
  take(sent: string): void {
    let text = this.#rest + sent;
    this.#rest = "";
    while (text !== "") {
      const start = text.indexOf("\x1b");
      if (start !== 0) {
        const plain = start === -1 ? text : text.slice(0, start);
        this.#write(plain);
        text = text.slice(plain.length);
        continue;
      }
      // biome-ignore lint/suspicious/noControlCharactersInRegex: codes begin with one
      const code = /^\x1b\[([\d;?]*)([A-Za-z])/.exec(text);
      if (code === null) {
        if (text.length > 20) throw new Error(`unknown code ${JSON.stringify(text.slice(0, 20))}`);
        this.#rest = text;
        return;
      }
      this.#obey(code[1] ?? "", code[2] ?? "");
      text = text.slice(code[0].length);
    }
  }

  #write(text: string): void {
    if (this.other === null) this.main += text;
    else this.other[this.#row] = (this.other[this.#row] ?? "") + text;
  }

  #obey(numbers: string, letter: string): void {
    switch (letter) {
      case "m":
        this.colored = true;
        return;
      case "h":
      case "l":
        this.#mode(numbers, letter === "h");
        return;
      case "J":
        if (this.other !== null) this.other = [];
        return;
      case "H":
        this.#row = Number(numbers.split(";")[0] || 1) - 1;
        if (this.other !== null && numbers !== "") this.other[this.#row] = "";
        return;
      default:
        throw new Error(`unknown code ${numbers}${letter}`);
    }
  }

  #mode(mode: string, on: boolean): void {
    if (mode === "?1049") this.other = on ? [] : null;
    else if (mode === "?25") this.cursor = on;
    else if (mode === "?7") this.wrapping = on;
    else throw new Error(`unknown mode ${mode}`);
  }
}

/** A program that runs in a terminal. */
export interface InTerminal {
  readonly shown: Shown;
  /** The program's own process. */
  readonly pid: number;
  /** Presses keys. */
  type(keys: string): void;
  /** Gives the terminal another size; the program is told by SIGWINCH. */
  resize(columns: number, rows: number): void;
  /** Settles when the terminal shows what is wanted; fails when the program ends before. */
  until(wanted: (shown: Shown) => boolean): Promise<void>;
  /** The exit code as a shell sees it, and whether the terminal is set as it was. */
  readonly ended: Promise<{ readonly code: number; readonly restored: boolean }>;
}

/** Runs a program of a few words in a terminal of a size; standard error goes to the same terminal. */
export async function inTerminal(
  t: TestContext,
  program: readonly string[],
  size: { readonly columns: number; readonly rows: number },
  env: Readonly<Record<string, string>> = {},
): Promise<InTerminal> {
  const words = program.map((word) => `'${word}'`).join(" ");
  // A shell around the program: it tells the terminal's name and settings, before and after.
  const shell = [
    `stty rows ${size.rows} cols ${size.columns}`,
    'echo "tty $(tty) $(stty -g)"',
    `sh -c 'echo "pid $$"; exec "$@"' sh ${words}`,
    'echo "code $? $(stty -g)"',
  ].join("; ");
  const { NODE_TEST_CONTEXT: _context, NO_COLOR: _color, ...rest } = process.env;
  const child: ChildProcess = spawn("script", ["-qec", shell, "/dev/null"], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...rest, TERM: "xterm", LC_ALL: "C.UTF-8", SHELL: "/bin/sh", ...env },
    timeout: PATIENCE_MS,
    killSignal: "SIGKILL",
  });
  t.after(() => child.kill("SIGKILL"));
  const shown = new Shown();
  let check = (): void => {};
  let fail: (error: Error) => void = () => {};
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    shown.take(text);
    check();
  });
  const ended = new Promise<{ code: number; restored: boolean }>((settle) => {
    child.on("close", () => {
      const [, before] = /^tty \S+ (\S+)/m.exec(shown.main) ?? [];
      const [, code, after] = /^code (\d+) (\S+)/m.exec(shown.main) ?? [];
      settle({
        code: Number(code ?? Number.NaN),
        restored: before !== undefined && before === after,
      });
      fail(new Error(`the program has ended: ${JSON.stringify(shown, null, 1)}`));
    });
  });
  const until = (wanted: (now: Shown) => boolean): Promise<void> =>
    new Promise((done, failed) => {
      fail = failed;
      check = () => {
        if (wanted(shown)) done();
      };
      check();
    });
  await until(({ main }) => /^pid \d+\r?\n/m.test(main));
  const tty = /^tty (\S+)/m.exec(shown.main)?.[1] ?? "";
  return {
    shown,
    pid: Number(/^pid (\d+)/m.exec(shown.main)?.[1]),
    type: (keys) => child.stdin?.write(keys),
    resize: (columns, rows) => {
      execFileSync("stty", ["-F", tty, "rows", String(rows), "cols", String(columns)]);
    },
    until,
    ended,
  };
}
