/** Size of a tar block; headers and contents are padded to it (POSIX.1-2017, pax, "ustar Interchange Format"). */
export const TAR_BLOCK = 512;

/** What one header says. */
export interface TarHeader {
  readonly name: string;
  readonly size: number;
  readonly kind: 'file' | 'pax' | 'other';
}

/**
 * Reads a tar header block.
 * @returns undefined for a block of zeros, which ends the archive.
 * @throws RangeError for a block that is no header (its checksum does not fit).
 */
export function readTarHeader(block: Buffer): TarHeader | undefined {
  if (block.every((byte) => byte === 0)) return undefined;
  if (readNumber(block, 148, 8) !== checksum(block)) throw new RangeError('a tar header has a wrong checksum');
  const prefix = readText(block, 345, 155);
  const name = readText(block, 0, 100);
  const isUstar = block.toString('latin1', 257, 262) === 'ustar';
  return {
    name: isUstar && prefix !== '' ? `${prefix}/${name}` : name,
    size: readNumber(block, 124, 12),
    kind: kindOf(String.fromCharCode(block[156] ?? 0)),
  };
}

function kindOf(flag: string): TarHeader['kind'] {
  if (flag === '0' || flag === '\0' || flag === '7') return 'file';
  return flag === 'x' || flag === 'g' ? 'pax' : 'other';
}

/** Sum of all bytes, those of the checksum field itself counted as blanks. */
function checksum(block: Buffer): number {
  let sum = 0;
  for (const [index, byte] of block.entries()) sum += index >= 148 && index < 156 ? 0x20 : byte;
  return sum;
}

/** Octal digits, or base 256 with the top bit set, as GNU tar writes sizes from 8 GiB on. */
function readNumber(block: Buffer, offset: number, length: number): number {
  const first = block[offset] ?? 0;
  if ((first & 0x80) !== 0) {
    let value = first & 0x7f;
    for (const byte of block.subarray(offset + 1, offset + length)) value = value * 256 + byte;
    return value;
  }
  const digits = readText(block, offset, length).trim();
  return /^[0-7]*$/.test(digits) ? Number.parseInt(digits || '0', 8) : Number.NaN;
}

function readText(block: Buffer, offset: number, length: number): string {
  const text = block.toString('utf8', offset, offset + length);
  const end = text.indexOf('\0');
  return end === -1 ? text : text.slice(0, end);
}
