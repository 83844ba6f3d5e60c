import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parsePackageList, type InstalledPackage } from '../bill-of-materials.js';

/** What the last provisioning step wrote down of the finished image. */
export interface ImageReport {
  readonly packages: readonly InstalledPackage[];
  readonly toolchains: readonly { readonly tool: string; readonly version: string }[];
  /** `ubuntu 24.04`. */
  readonly os: string;
  /** `x86_64`. */
  readonly arch: string;
}

/** Reads the report that Packer fetched from the image. */
export async function readReport(folder: string): Promise<ImageReport> {
  const [packages, toolchains, system] = await Promise.all(
    ['packages', 'toolchains', 'system'].map((name) => readFile(join(folder, name), 'utf8')),
  );
  const [os = '', arch = ''] = (system ?? '').split('\n');
  return { packages: parsePackageList(packages ?? ''), toolchains: parseToolchains(toolchains ?? ''), os, arch };
}

/** Reads lines `tool version`. */
export function parseToolchains(text: string): { tool: string; version: string }[] {
  return text
    .split('\n')
    .map((line) => line.split(' '))
    .flatMap(([tool, version]) => (tool && version ? [{ tool, version }] : []));
}
