/**
 * The door of the WebAssembly module to shared memory (AssemblyScript, not TypeScript).
 *
 * Each access of `interlocked.ts` is one call of a function below, and every function is one instruction.
 * A checker builds the same `interlocked.ts` with `door-imported.ts` in place of this file, and so stands
 * between the algorithm and the memory.
 */

// @ts-ignore: decorator
@inline export function peek16(address: u32): u32 {
  return <u32>load<u16>(address);
}

// @ts-ignore: decorator
@inline export function peek32(address: u32): u32 {
  return load<u32>(address);
}

// @ts-ignore: decorator
@inline export function poke32(address: u32, value: u32): void {
  store<u32>(address, value);
}

// @ts-ignore: decorator
@inline export function load64(address: u32): u64 {
  return atomic.load<u64>(address);
}

// @ts-ignore: decorator
@inline export function store64(address: u32, value: u64): void {
  atomic.store<u64>(address, value);
}

// @ts-ignore: decorator
@inline export function compareExchange64(address: u32, expected: u64, next: u64): u64 {
  return atomic.cmpxchg<u64>(address, expected, next);
}

// @ts-ignore: decorator
@inline export function add64(address: u32, value: u64): u64 {
  return atomic.add<u64>(address, value);
}

// @ts-ignore: decorator
@inline export function load32(address: u32): u32 {
  return atomic.load<u32>(address);
}

// @ts-ignore: decorator
@inline export function add32(address: u32, value: u32): u32 {
  return atomic.add<u32>(address, value);
}

// @ts-ignore: decorator
@inline export function or32(address: u32, bits: u32): u32 {
  return atomic.or<u32>(address, bits);
}

// @ts-ignore: decorator
@inline export function and32(address: u32, bits: u32): u32 {
  return atomic.and<u32>(address, bits);
}

// @ts-ignore: decorator
@inline export function exchange32(address: u32, value: u32): u32 {
  return atomic.xchg<u32>(address, value);
}

// @ts-ignore: decorator
@inline export function compareExchange32(address: u32, expected: u32, next: u32): u32 {
  return atomic.cmpxchg<u32>(address, expected, next);
}
