/**
 * Which part of the project a path belongs to: the rules say where they hold in these words.
 */

/** Folders whose TypeScript is ours and follows the rules of the language. */
const LANGUAGE_FOLDERS = ["src/", "tests/", "tools/", "bench/"];

/** AssemblyScript looks like TypeScript but is another language: only headers and lengths hold there. */
const ASSEMBLY = "src/memory/interlocked/assembly/";

/** Any file with TypeScript syntax. */
export function isTypeScript(path: string): boolean {
  return /\.[cm]?tsx?$/.test(path);
}

/** A file of the library, AssemblyScript included. */
export function isLibrary(path: string): boolean {
  return path.startsWith("src/") && isTypeScript(path);
}

/** AssemblyScript source. */
export function isAssembly(path: string): boolean {
  return path.startsWith(ASSEMBLY);
}

/** Written by a program: nobody reads its lines. */
export function isGenerated(path: string): boolean {
  return path.endsWith(".generated.ts");
}

/** A TypeScript file of the library. */
export function isSource(path: string): boolean {
  return isLibrary(path) && !isAssembly(path);
}

/** A TypeScript file of the library or of what surrounds it, examples excepted: those follow their host. */
export function isHouse(path: string): boolean {
  return LANGUAGE_FOLDERS.some((folder) => path.startsWith(folder)) && isHouseLanguage(path);
}

function isHouseLanguage(path: string): boolean {
  return isTypeScript(path) && !isAssembly(path);
}

/** A test or what supports it. */
export function isTest(path: string): boolean {
  return path.startsWith("tests/") && isTypeScript(path);
}
