import type { PackerEvent } from './machine-readable.js';

/** What a build is doing, for a progress line. */
export interface BuildProgress {
  /** `stage`: a stage of Packer's own; `step`: a step of the provisioning; `line`: output; `error`: a complaint. */
  readonly kind: 'stage' | 'step' | 'line' | 'error';
  readonly text: string;
  /** Of `step`: its number, and how many there are. */
  readonly step?: { readonly number: number; readonly total: number };
}

/** provision.sh announces its steps by such lines. */
const PROVISIONING_STEP = /build-machines: step (\d+)\/(\d+) (?:\d+-)?(\S+)/;

/** Every line of Packer's repeats the build's name: `==> haskell.qemu.disk-image: Starting VM`. */
const PREFIX = /^(?:==> |--> | {4})?(?:[\w-]+\.){1,2}[\w-]+: ?/;

/** Turns an event of `-machine-readable` into progress; a message of several lines becomes several. */
export function readBuildProgress(event: PackerEvent): readonly BuildProgress[] {
  if (event.type !== 'ui') return [];
  const [kind, text = ''] = event.data;
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const stripped = line.replace(PREFIX, '').trimEnd();
      if (kind === 'error') return { kind: 'error', text: stripped };
      const step = PROVISIONING_STEP.exec(stripped);
      if (step) return { kind: 'step', text: step[3] ?? '', step: { number: Number(step[1]), total: Number(step[2]) } };
      return { kind: kind === 'say' && line.startsWith('==>') ? 'stage' : 'line', text: stripped };
    });
}
