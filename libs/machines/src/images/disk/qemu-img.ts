import { execa, ExecaError } from 'execa';
import { z } from 'zod';
import { hasErrorCode } from '../../disk/missing.js';
import { endStream } from './end-stream.js';
import { DiskConversionError, DiskReachesOutError, QemuImgMissingError } from './errors.js';

/** Formats that pass between the hypervisors. */
export type DiskFormat = 'qcow2' | 'vmdk' | 'raw';

export interface ConvertDiskOptions {
  readonly from: { readonly file: string; readonly format: DiskFormat };
  /** `streamOptimized` is the compressed VMDK that OVAs hold. */
  readonly to: { readonly file: string; readonly format: DiskFormat; readonly streamOptimized?: boolean };
  readonly onProgress?: (fraction: number) => void;
  readonly signal?: AbortSignal;
}

/** Converts a disk image. @throws QemuImgMissingError, DiskConversionError */
export async function convertDisk({ from, to, onProgress, signal }: ConvertDiskOptions): Promise<void> {
  const options = to.streamOptimized === true ? ['-o', 'subformat=streamOptimized'] : [];
  const command = ['convert', '-p', '-f', from.format, '-O', to.format, ...options, from.file, to.file];
  await qemuImg(command, signal, (text) => {
    // `-p` prints "    (12.34/100%)" over and over, separated by carriage returns.
    const percent = [...text.matchAll(/\(([\d.]+)\/100%\)/g)].at(-1)?.[1];
    if (percent !== undefined) onProgress?.(Number(percent) / 100);
  });
  if (to.streamOptimized === true) await endStream(to.file, signal);
}

const DiskInfo = z.object({ 'virtual-size': z.number(), 'actual-size': z.number(), format: z.string() });

/**
 * Sizes of a disk in bytes: as the guest sees it, and as it takes on this computer.
 * @param options.shared also of a disk that a running machine uses; the figures may then be a moment old.
 */
export async function diskSizes(
  file: string,
  { shared = false, signal }: { shared?: boolean; signal?: AbortSignal } = {},
): Promise<{ capacityBytes: number; storedBytes: number; format: string }> {
  const info = DiskInfo.parse(
    JSON.parse(await qemuImg(['info', ...(shared ? ['--force-share'] : []), '--output=json', file], signal)),
  );
  return { capacityBytes: info['virtual-size'], storedBytes: info['actual-size'], format: info.format };
}

const DiskParts = z.object({
  'full-backing-filename': z.string().optional(),
  'backing-filename': z.string().optional(),
  'format-specific': z
    .object({
      data: z.object({
        'data-file': z.string().optional(),
        extents: z.array(z.object({ filename: z.string() })).default([]),
      }),
    })
    .optional(),
});

/**
 * Refuses a disk that is not all in its own file. A disk from elsewhere may name any file of this computer as its backing
 * file or as an extent; converting it would copy that file's content to where its guest reads it.
 * @throws DiskReachesOutError
 */
export async function refuseOtherFiles(file: string, format: DiskFormat, signal?: AbortSignal): Promise<void> {
  const info = DiskParts.parse(JSON.parse(await qemuImg(['info', '-f', format, '--output=json', file], signal)));
  const { extents = [], 'data-file': data } = info['format-specific']?.data ?? {};
  const parts = [
    info['full-backing-filename'] ?? info['backing-filename'],
    data,
    ...extents.map(({ filename }) => filename),
  ].filter((part) => part !== undefined);
  const others = [...new Set(parts)].filter((part) => part !== file);
  if (others.length > 0) throw new DiskReachesOutError(file, others);
}

/** Makes an empty qcow2 disk that starts as `backing` looks now; `backing` must not change afterwards. */
export async function createOverlay(file: string, backing: string, signal?: AbortSignal): Promise<void> {
  await qemuImg(['create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', backing, file], signal);
}

/** Grows a qcow2 disk to at least so many bytes; never shrinks one. */
export async function growDisk(file: string, bytes: number, signal?: AbortSignal): Promise<void> {
  const { capacityBytes } = await diskSizes(file, { signal });
  if (capacityBytes < bytes) await qemuImg(['resize', '-q', file, String(bytes)], signal);
}

async function qemuImg(args: string[], signal?: AbortSignal, onOutput?: (text: string) => void): Promise<string> {
  try {
    const running = execa('qemu-img', args, { stdin: 'ignore', cancelSignal: signal });
    if (onOutput) running.stdout.on('data', (chunk: Buffer) => onOutput(chunk.toString('latin1')));
    return (await running).stdout;
  } catch (error) {
    signal?.throwIfAborted();
    if (hasErrorCode(error, 'ENOENT')) throw new QemuImgMissingError(error);
    if (!(error instanceof ExecaError)) throw error;
    const said = String(error.stderr)
      .trim()
      .replace(/^qemu-img: /, '');
    throw new DiskConversionError(`qemu-img ${args[0] ?? ''} failed: ${said}`, {
      hint: /No space left/.test(said)
        ? 'Make room on that disk, or set BUILD_MACHINES_HOME to a larger one.'
        : 'Check that the image is complete: its SHA-256 is in the file beside it.',
      cause: error,
    });
  }
}
