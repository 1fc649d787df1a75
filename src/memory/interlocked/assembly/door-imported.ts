/**
 * The same door with nothing behind it (AssemblyScript, not TypeScript): every access is an import.
 *
 * For the interleaving explorer, which builds `interlocked.ts` with this file in place of `door.ts` and then
 * stands between the algorithm and the memory. Never part of what is shipped.
 */

// @ts-ignore: decorator
@external("door", "peek16") export declare function peek16(address: u32): u32;

// @ts-ignore: decorator
@external("door", "peek32") export declare function peek32(address: u32): u32;

// @ts-ignore: decorator
@external("door", "poke32") export declare function poke32(address: u32, value: u32): void;

// @ts-ignore: decorator
@external("door", "load64") export declare function load64(address: u32): u64;

// @ts-ignore: decorator
@external("door", "store64") export declare function store64(address: u32, value: u64): void;

// @ts-ignore: decorator
@external("door", "compareExchange64")
export declare function compareExchange64(address: u32, expected: u64, next: u64): u64;

// @ts-ignore: decorator
@external("door", "add64") export declare function add64(address: u32, value: u64): u64;

// @ts-ignore: decorator
@external("door", "load32") export declare function load32(address: u32): u32;

// @ts-ignore: decorator
@external("door", "add32") export declare function add32(address: u32, value: u32): u32;

// @ts-ignore: decorator
@external("door", "or32") export declare function or32(address: u32, bits: u32): u32;

// @ts-ignore: decorator
@external("door", "and32") export declare function and32(address: u32, bits: u32): u32;

// @ts-ignore: decorator
@external("door", "exchange32") export declare function exchange32(address: u32, value: u32): u32;

// @ts-ignore: decorator
@external("door", "compareExchange32")
export declare function compareExchange32(address: u32, expected: u32, next: u32): u32;
