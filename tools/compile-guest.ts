/**
 * Compiles C or C++ to a guest: clang and wasm-ld, as the package `@yowasp/clang` brings them along.
 *
 *   node build/tools/compile-guest.js examples/driver/driver.c build/guests/driver.wasm
 *
 * The two calls and their flags are what `include/lookaside.h` tells users to write. Since the compiler needs
 * some seconds, what it made is kept in `build/guests` under a hash of all that went in.
 */
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { basename } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Exit, type RunOptions, runLLVM, type Tree } from "@yowasp/clang";

const repository = new URL("../../", import.meta.url);
const cache = new URL("build/guests/", repository);

const COMPILE =
  "clang --target=wasm32 -Wall -Wextra -Werror -O2 -fPIC -fvisibility=hidden " +
  "-matomics -mbulk-memory -isystem include";
const LINK =
  "wasm-ld -shared --experimental-pic --shared-memory --max-memory=4294967296 -Bsymbolic " +
  "--export-if-defined=__wasm_init_tls --export-if-defined=__tls_size " +
  "--export-if-defined=__tls_align --build-id";

/** What makes the compiler take the source for a language. */
const LANGUAGES = {
  c: "-x c -std=c17",
  "c++": "-x c++ -std=c++20 -fno-exceptions -fno-rtti",
} as const;

/** A language of guests that this tool compiles. */
export type GuestLanguage = keyof typeof LANGUAGES;

/** What the compiler said: the message has every line of it. */
export class CompilerError extends Error {
  override readonly name = "CompilerError";
}

/** The headers of the package, as a folder of the compiler. */
function headers(): Record<string, string> {
  const folder = new URL("include/", repository);
  return Object.fromEntries(
    readdirSync(folder).map((name) => [name, readFileSync(new URL(name, folder), "utf8")]),
  );
}

async function run(command: string, files: Tree): Promise<Tree> {
  const said: string[] = [];
  const decoder = new TextDecoder();
  const listen = (bytes: Uint8Array | null): void => {
    if (bytes !== null) said.push(decoder.decode(bytes, { stream: true }));
  };
  const options: RunOptions = { stdout: listen, stderr: listen, fetchProgress: () => {} };
  try {
    return (await runLLVM(command.split(" "), files, options)) ?? {};
  } catch (cause) {
    if (!(cause instanceof Exit)) throw cause;
    throw new CompilerError(`${command}\n${said.join("")}`);
  }
}

/** Compiles source to a guest. @throws {CompilerError} */
export async function compile(
  name: string,
  source: string,
  language: GuestLanguage = "c",
): Promise<Uint8Array<ArrayBuffer>> {
  const files = { [`${name}.c`]: source, include: headers() };
  const command = `${COMPILE} ${LANGUAGES[language]} -c ${name}.c -o ${name}.o`;
  const object = (await run(command, files))[`${name}.o`] as Uint8Array;
  const linked = await run(`${LINK} ${name}.o -o ${name}.wasm`, { [`${name}.o`]: object });
  return Uint8Array.from(linked[`${name}.wasm`] as Uint8Array);
}

/** The same, once for all runs while nothing of it changes. */
export async function compileGuest(
  name: string,
  source: string,
  language: GuestLanguage = "c",
): Promise<Uint8Array<ArrayBuffer>> {
  const clang = new URL("node_modules/@yowasp/clang/package.json", repository);
  const { version } = JSON.parse(readFileSync(clang, "utf8")) as { version: string };
  const hash = createHash("sha256");
  for (const part of [version, COMPILE, LANGUAGES[language], LINK, source])
    hash.update(`${part}\0`);
  hash.update(JSON.stringify(headers()));
  const path = fileURLToPath(new URL(`${name}-${hash.digest("hex").slice(0, 16)}.wasm`, cache));
  if (!existsSync(path)) {
    const bytes = await compile(name, source, language);
    mkdirSync(cache, { recursive: true });
    // Tests run side by side: whoever comes second replaces the file by the same bytes, whole.
    writeFileSync(`${path}.${process.pid}`, bytes);
    renameSync(`${path}.${process.pid}`, path);
  }
  return Uint8Array.from(readFileSync(path));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [input = "examples/driver/driver.c", output] = process.argv.slice(2);
  const name = basename(input, ".c");
  const bytes = await compileGuest(name, readFileSync(input, "utf8"));
  if (output !== undefined) writeFileSync(output, bytes);
  console.log(`${input}: ${bytes.length} bytes`);
}
