import { readFile } from 'node:fs/promises';
import type { InstalledPackage } from '../bill-of-materials.js';

/** What the last provisioning step wrote down of the finished image. */
export interface ImageReport {
  /** `ubuntu 24.04`. */
  readonly os: string;
  /** `x86_64`. */
  readonly arch: string;
  readonly toolchains: readonly { readonly tool: string; readonly version: string }[];
  readonly packages: readonly InstalledPackage[];
}

/** Reads the report that Packer fetched from the image. */
export async function readReport(file: string): Promise<ImageReport> {
  return parseReport(await readFile(file, 'utf8'));
}

/** Reads lines `system <os> <version> <arch>`, `toolchain <tool> <version>`, `package <name> <version> <architecture>`. */
export function parseReport(text: string): ImageReport {
  const lines = text.split('\n').map((line) => line.split(' '));
  const of = (kind: string): string[][] => lines.filter(([first]) => first === kind).map(([, ...rest]) => rest);
  const [[os = '', version = '', arch = ''] = []] = of('system');
  return {
    os: `${os} ${version}`,
    arch,
    toolchains: of('toolchain').map(([tool = '', found = '']) => ({ tool, version: found })),
    packages: of('package').map(([name = '', found = '', architecture = '']) => ({
      name,
      version: found,
      architecture,
    })),
  };
}
