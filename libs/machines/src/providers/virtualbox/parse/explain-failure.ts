import type { BuildMachinesError } from '@build-machines/protocol';
import { OvaMalformedError, OvaPaxError, OvaTamperedError, OvaTruncatedError } from '../../../images/ova/errors.js';
import {
  HypervisorDriverError,
  VBoxManageFailedError,
  VmExistsError,
  VmNotRunningError,
  VmStateError,
  VmUnknownError,
} from '../errors.js';

/** What one call of VBoxManage said. */
export interface VBoxAnswer {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * VBoxManage's complaints, without the prefix of the program (`VBoxManage: error:`, `VBoxManage.exe: error:`,
 * `VBoxHeadless:`). The lines `Details:` and `Context:` are for its developers and left out.
 */
export function complaints(stderr: string): readonly string[] {
  return stderr
    .split(/\r?\n/)
    .map((line) => /VBox\w+(?:\.exe)?: (?:error: )?(.*)$/.exec(line)?.[1]?.trim() ?? '')
    .filter((text) => text !== '' && !/^(Details|Context|warning):/.test(text));
}

/**
 * Whether a call failed. The exit status alone does not tell: `discardstate` in the wrong state, for one, prints an error
 * and exits with 0.
 */
export function hasFailed({ exitCode, stderr }: VBoxAnswer): boolean {
  return exitCode !== 0 || /VBoxManage(?:\.exe)?: error:/.test(stderr);
}

type Explain = (match: RegExpExecArray, context: FailureContext) => BuildMachinesError;

/** What the failed call was about. */
export interface FailureContext {
  readonly vm: string;
  /** The appliance, under the name that the user knows. */
  readonly ova: string;
  readonly said: string;
}

/** Every failure that we have met, by VBoxManage's own words; the first that fits counts. */
const KNOWN: readonly (readonly [RegExp, Explain])[] = [
  [/Machine settings file '(.*)' already exists/, ([, file = ''], { vm }) => new VmExistsError(vm, file)],
  [
    /Could not find a registered machine (?:named '(.*)'|with UUID \{(.*)\})/,
    ([, name, uuid]) => new VmUnknownError(name ?? uuid ?? ''),
  ],
  [/Machine '(.*)' is not currently running/, ([, vm = '']) => new VmNotRunningError(vm)],
  [
    /machine state: (\w+)/,
    ([, state = ''], { vm, said }) =>
      new VmStateError(`${vm} is in the state ${state}, which does not allow this: ${said}`, {
        hint: `Look at it: nx run ${vm}:vm-info`,
      }),
  ],
  [
    /is already locked (?:by a session|for a session)|The object is not ready|VBOX_E_INVALID_OBJECT_STATE/,
    (_, { vm, said }) => new VmStateError(`${vm} is in use: ${said}`, { hint: `Stop it first: nx run ${vm}:vm-stop` }),
  ],
  [
    /terminated unexpectedly during startup|Kernel driver not installed|suplibOsInit|VERR_VM_DRIVER|VT-x is (?:not available|disabled|being used)|VERR_VMX_|VERR_SVM_/,
    (_, { vm, said }) => new HypervisorDriverError(vm, said),
  ],
  [
    /Error opening the OVA file '.*' \(VERR_(?:FILE|PATH)_NOT_FOUND\)/,
    (_, { ova }) => new OvaMalformedError(ova, 'VirtualBox does not find the file'),
  ],
  [/VERR_TAR_UNSUPPORTED_PAX_TYPE/, (_, { ova }) => new OvaPaxError(ova)],
  [/VERR_TAR_\w+/, ([code = ''], { ova }) => new OvaMalformedError(ova, `it is not a tar archive (${code})`)],
  [/does not contain an \.ovf-file/, (_, { ova }) => new OvaMalformedError(ova, 'it does not contain an .ovf file')],
  [/VERR_EOF|Unexpected end of OVA package/, ([what = ''], { ova }) => new OvaTruncatedError(ova, what)],
  [
    /Digest mismatch \(VERR_NOT_EQUAL\): Attribute '\w+' on '(.*)' does not match \('(\w+)' vs\. '(\w+)'\)/,
    ([, part = '', expected = '', found = ''], { ova }) => new OvaTamperedError(ova, part, expected, found),
  ],
  [/VERR_VD_VMDK_\w+/, ([code = ''], { ova }) => new OvaMalformedError(ova, `its disk is damaged (${code})`)],
  [
    /Could not find file for the medium '(.*)' \(VERR_(?:FILE|PATH)_NOT_FOUND\)/,
    ([, file = ''], { vm }) =>
      new VmStateError(`A disk of ${vm} is gone: ${file}`, {
        hint: `Make the machine anew: nx run ${vm}:destroy, then nx run ${vm}:up`,
      }),
  ],
  [
    /Couldn't find end of Start Tag .*|Location: '.*', line \d+/,
    ([what], { ova }) => new OvaMalformedError(ova, `its .ovf is not well-formed XML: ${what}`),
  ],
  [
    /Failed to open '(.*)' for writing \(VERR_ALREADY_EXISTS\)/,
    ([, file = ''], { said }) =>
      new VBoxManageFailedError(said, { hint: `Remove ${file}, or export to another name.` }),
  ],
  [
    /VERR_DISK_FULL|VERR_NO_SPACE|No space left/,
    (_, { said }) => new VBoxManageFailedError(`The disk of the VMs is full: ${said}`, { hint: 'Make room there.' }),
  ],
  [
    /Unknown (?:subcommand|option|command)/,
    (_, { said }) =>
      new VBoxManageFailedError(`This VirtualBox does not know what was asked of it: ${said}`, {
        hint: 'VirtualBox 7.0 or later is needed: VBoxManage --version',
      }),
  ],
];

/** The error for a failed call, in words and with a next step of ours where we know the failure. */
export function explainVBoxFailure(
  args: readonly string[],
  answer: VBoxAnswer,
  context: Omit<FailureContext, 'said'>,
): BuildMachinesError {
  const own = complaints(answer.stderr);
  const said = own.join('; ') || lastLine(answer.stderr) || lastLine(answer.stdout) || 'it gave no reason';
  for (const [pattern, explain] of KNOWN) {
    const match = pattern.exec(answer.stderr) ?? pattern.exec(said);
    if (match) return explain(match, { ...context, said });
  }
  return new VBoxManageFailedError(`VBoxManage ${args[0] ?? ''} failed (exit status ${answer.exitCode}): ${said}`, {
    hint: `To see it yourself: VBoxManage ${args.map((arg) => (/^[\w./:=-]+$/.test(arg) ? arg : JSON.stringify(arg))).join(' ')}`,
    details: { args, ...answer },
  });
}

function lastLine(text: string): string {
  return text.trim().split(/\r?\n/).at(-1)?.trim() ?? '';
}
