/**
 * A piece of a file, as it lies in a block: the block itself says whose bytes it carries.
 *
 * ```
 *   byte 0      4        8       12     16
 *      +------+--------+-------+------+------------------------+
 *      | file | number | bytes | last | bytes of the file      |
 *      +------+--------+-------+------+------------------------+
 * ```
 *
 * All written by the reading thread before the block is sent, read by the hashing thread that received it.
 */
import type { Block } from "../../system/index.js";

/** What is known of a piece. */
export interface Piece {
  /** Number of the file: its place among all files of the run. */
  readonly file: number;
  /** 0 for the first piece of a file, 1 for the next … */
  readonly number: number;
  readonly bytes: number;
  /** Whether the file ends with it: its digest is wanted. */
  readonly isLast: boolean;
}

/** Bytes of a block before those of the file. */
export const HEADER_BYTES = 16;

/** Writes what is known of the piece whose bytes lie in a block. */
export function writePiece(block: Block, piece: Piece): void {
  const { buffer } = block;
  buffer.writeUInt32LE(piece.file, 0);
  buffer.writeUInt32LE(piece.number, 4);
  buffer.writeUInt32LE(piece.bytes, 8);
  buffer.writeUInt32LE(piece.isLast ? 1 : 0, 12);
}

/** Reads it back. */
export function readPiece(block: Block): Piece {
  const { buffer } = block;
  return {
    file: buffer.readUInt32LE(0),
    number: buffer.readUInt32LE(4),
    bytes: buffer.readUInt32LE(8),
    isLast: buffer.readUInt32LE(12) === 1,
  };
}
