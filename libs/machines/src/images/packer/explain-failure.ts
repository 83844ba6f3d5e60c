import type { PackerOutcome } from './run-packer.js';
import { ImageBuildError } from './errors.js';

/** Reasons that we know, by what Packer or a script says. */
const KNOWN: readonly { readonly when: RegExp; readonly what: string; readonly hint: string }[] = [
  {
    when: /Timeout waiting for SSH/i,
    what: 'the VM did not answer over SSH',
    hint: 'Look at the serial console: {serial}. A slow computer needs a longer sshTimeout; an accelerator that does not work needs accelerator=tcg.',
  },
  {
    when: /checksum did(n't| not) match|Checksums did not match|has the SHA-256 \S+, but/i,
    what: 'a download does not have the checksum that is pinned for it',
    hint: 'Check what was published, then change packer/pins.json.',
  },
  {
    when: /could not download|Could not resolve host|dial tcp: lookup|Temporary failure (in name resolution|resolving)/i,
    what: 'a download failed',
    hint: 'Check the network (and the proxy: http_proxy and https_proxy are passed on), then start it again.',
  },
  {
    when: /No space left on device/i,
    what: 'a disk is full',
    hint: 'Make room on this computer, or raise resources.diskGiB of the machine.',
  },
  {
    when: /Output directory '.*' already exists/,
    what: 'the output folder of an earlier run is still there',
    hint: 'Remove it and start again.',
  },
  {
    when: /Could not access KVM kernel module|failed to initialize kvm|kvm_buf_set_msrs/i,
    what: 'KVM cannot run a guest on this computer',
    hint: 'Set accelerator=tcg (slower), or enable virtualization in the firmware.',
  },
];

/** Which provisioning step failed: provision.sh says so in its last line. */
const FAILED_STEP = /build-machines: step (?:\d+-)?(\S+) failed with exit status (\d+)/;

/** The error for a build that ended badly: what failed, its own words, and what to do. */
export function explainBuildFailure(outcome: PackerOutcome, serialLog: string): ImageBuildError {
  const said = [...outcome.errors, ...outcome.lastLines];
  const step = said.map((line) => FAILED_STEP.exec(line)).find((match) => match !== null);
  const known = KNOWN.find(({ when }) => said.some((line) => when.test(line)));
  const last = outcome.errors.filter((line) => !FAILED_STEP.test(line)).slice(0, 5);
  const where = step ? `provisioning step ${step[1] ?? ''} failed` : 'Packer failed';
  const what = known ? `${where}: ${known.what}` : where;
  return new ImageBuildError(
    [`The image build did not succeed: ${what}`, ...last.map((line) => `  ${line}`)].join('\n'),
    {
      hint:
        known?.hint.replace('{serial}', serialLog) ??
        'Run it again with --onError=abort to keep the VM and look around in it.',
      details: { exitCode: outcome.exitCode, step: step?.[1], lastLines: outcome.lastLines },
    },
  );
}
