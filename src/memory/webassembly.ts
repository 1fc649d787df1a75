/**
 * Objects of WebAssembly that are made for a guest. They are made here and nowhere else, because what
 * shares the memory belongs to this layer.
 */

/** Compiles a module, off the thread where the host can. @throws {WebAssembly.CompileError} */
export function compileModule(bytes: BufferSource): Promise<WebAssembly.Module> {
  return WebAssembly.compile(bytes);
}

/**
 * Makes an instance at once, and runs its start function.
 * @throws {WebAssembly.LinkError} when the imports do not fit; whatever the start function throws.
 */
export function instantiate(
  module: WebAssembly.Module | BufferSource,
  imports: WebAssembly.Imports,
): WebAssembly.Instance {
  const compiled = module instanceof WebAssembly.Module ? module : new WebAssembly.Module(module);
  return new WebAssembly.Instance(compiled, imports);
}

/** A table of functions. */
export function makeTable(functions: number): WebAssembly.Table {
  return new WebAssembly.Table({ element: "anyfunc", initial: functions });
}

/** A 32-bit global. */
export function makeGlobal(value: number, mutable: boolean): WebAssembly.Global {
  return new WebAssembly.Global({ value: "i32", mutable }, value);
}
