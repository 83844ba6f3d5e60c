import { open, type FileHandle } from 'node:fs/promises';
import { hasErrorCode } from '../../disk/missing.js';
import { OvaMalformedError, OvaPaxError, OvaTruncatedError } from './errors.js';
import { readTarHeader, TAR_BLOCK } from './tar-header.js';

/** A member of an OVA: where its content lies in the file. */
export interface OvaMember {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
}

/**
 * Lists an OVA's members from their headers; contents are skipped, so this takes milliseconds whatever the size.
 * @throws OvaMalformedError, OvaPaxError, OvaTruncatedError
 */
export async function listOvaMembers(file: string): Promise<readonly OvaMember[]> {
  const handle = await openOva(file);
  try {
    const { size: fileSize } = await handle.stat();
    const members: OvaMember[] = [];
    for (let position = 0; ;) {
      const block = await readBlock(handle, position);
      // Some writers leave out the two blocks of zeros at the end; a member that is complete is no sign of a cut.
      if (block.length === 0 && members.length > 0) return members;
      const member = readMember(file, block, position + TAR_BLOCK);
      if (member === undefined) return members;
      if (member.offset + member.size > fileSize)
        throw new OvaTruncatedError(
          file,
          `${member.name} should have ${member.size} bytes, but only ${Math.max(0, fileSize - member.offset)} are there`,
        );
      members.push(member);
      position = member.offset + Math.ceil(member.size / TAR_BLOCK) * TAR_BLOCK;
    }
  } finally {
    await handle.close();
  }
}

function readMember(file: string, block: Buffer, offset: number): OvaMember | undefined {
  if (block.length < TAR_BLOCK)
    throw block.length === 0
      ? new OvaMalformedError(file, 'it is empty')
      : new OvaTruncatedError(file, 'it ends within a tar header');
  try {
    const header = readTarHeader(block);
    if (header === undefined) return undefined;
    if (header.kind === 'pax') throw new OvaPaxError(file);
    return { name: header.name, offset, size: header.size };
  } catch (error) {
    if (error instanceof RangeError) throw new OvaMalformedError(file, 'it is not a tar archive', error);
    throw error;
  }
}

async function openOva(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'r');
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) throw new OvaMalformedError(file, 'there is no such file', error);
    throw error;
  }
}

async function readBlock(handle: FileHandle, position: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(TAR_BLOCK), 0, TAR_BLOCK, position);
  return buffer.subarray(0, bytesRead);
}
