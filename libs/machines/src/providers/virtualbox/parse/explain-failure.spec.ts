import { OvaMalformedError, OvaPaxError, OvaTamperedError, OvaTruncatedError } from '../../../images/ova/errors.js';
import { HypervisorDriverError, VmExistsError, VmNotRunningError, VmStateError, VmUnknownError } from '../errors.js';
import { explainVBoxFailure, hasFailed } from './explain-failure.js';

/** Answers of VirtualBox 7.2.22, recorded. */
const recorded: readonly [string, string, string, new (...args: never[]) => Error][] = [
  [
    'a name that exists',
    '',
    "0%...VBOX_E_FILE_ERROR\nVBoxManage: error: Appliance import failed\nVBoxManage: error: Machine settings file '/root/VirtualBox VMs/gw/gw.vbox' already exists\nVBoxManage: error: Details: code VBOX_E_FILE_ERROR (0x80bb0004), component MachineWrap, interface IMachine\n",
    VmExistsError,
  ],
  [
    'a file that is missing',
    '',
    "0%...VBOX_E_OBJECT_NOT_FOUND\nVBoxManage: error: Appliance read failed\nVBoxManage: error: Error opening the OVA file '/root/w/missing.ova' (VERR_FILE_NOT_FOUND)\n",
    OvaMalformedError,
  ],
  [
    'a cut file',
    '',
    "0%...VBOX_E_FILE_ERROR\nVBoxManage: error: Could not create the imported medium '/x/gw-disk001.vmdk' (VERR_EOF)\n",
    OvaTruncatedError,
  ],
  [
    'a missing disk',
    '',
    '0%...VBOX_E_FILE_ERROR\nVBoxManage: error: Unexpected end of OVA package\n',
    OvaTruncatedError,
  ],
  [
    'random bytes',
    '',
    "0%...VBOX_E_IPRT_ERROR\nVBoxManage: error: Error reading OVA '/root/w/junk.ova' (VERR_TAR_BAD_CHKSUM_FIELD)\n",
    OvaMalformedError,
  ],
  [
    'an empty file',
    '',
    "VBoxManage: error: OVA '/root/w/empty.ova' does not contain an .ovf-file\n",
    OvaMalformedError,
  ],
  [
    'a pax tar',
    '',
    "VBoxManage: error: Error reading OVA '/root/w/pax.ova' (VERR_TAR_UNSUPPORTED_PAX_TYPE)\n",
    OvaPaxError,
  ],
  [
    'a wrong digest',
    '',
    "VBoxManage: error: Digest mismatch (VERR_NOT_EQUAL): Attribute 'SHA256' on 'gw.ovf' does not match ('0000' vs. '2e49')\n",
    OvaTamperedError,
  ],
  [
    'a damaged disk',
    '',
    "VBoxManage: error: VMDK: descriptor does not start as expected in 'gw-disk001.vmdk' (VERR_VD_VMDK_INVALID_HEADER).\n",
    OvaMalformedError,
  ],
  [
    'broken XML',
    '',
    "VBoxManage: error: Couldn't find end of Start Tag broken line 1.\nVBoxManage: error: Location: '/root/w/badxml.ova', line 2 (1), column 1\n",
    OvaMalformedError,
  ],
  ['an unknown VM', '', "VBoxManage: error: Could not find a registered machine named 'nosuch'\n", VmUnknownError],
  [
    'an unknown UUID',
    '',
    'VBoxManage: error: Could not find a registered machine with UUID {00000000-0000-0000-0000-000000000001}\n',
    VmUnknownError,
  ],
  ['a VM that is off', '', "VBoxManage: error: Machine 'fresh' is not currently running.\n", VmNotRunningError],
  [
    'a missing driver',
    'Waiting for VM "fresh" to power on...\n',
    "VBoxManage: error: The virtual machine 'fresh' has terminated unexpectedly during startup with exit code 1 (0x1)\n",
    HypervisorDriverError,
  ],
  [
    'a missing driver, said by VBoxHeadless',
    '',
    'VBoxHeadless: Error -1908 in suplibOsInit!\nVBoxHeadless: Kernel driver not installed\n',
    HypervisorDriverError,
  ],
  [
    'a wrong state',
    '',
    'VBoxManage: error: Cannot discard the saved state as the machine is not in the Saved or Aborted-Saved state (machine state: PoweredOff)\n',
    VmStateError,
  ],
  [
    'a disk that is gone',
    '',
    "VBoxManage: error: Could not find file for the medium '/vms/gw/disk.vdi' (VERR_FILE_NOT_FOUND)\n",
    VmStateError,
  ],
];

describe('a failure of VBoxManage', () => {
  it.each(recorded)('is explained: %s', (_, stdout, stderr, kind) => {
    const error = explainVBoxFailure(['import'], { exitCode: 1, stdout, stderr }, { vm: 'gw', ova: 'gw.ova' });
    expect(error).toBeInstanceOf(kind);
    expect(error.hint).not.toBe('');
  });

  it('keeps VBoxManage’s own words where we have no better ones, and shows the command', () => {
    const error = explainVBoxFailure(
      ['modifyvm', 'my vm', '--nic1', 'bogus'],
      { exitCode: 1, stdout: '', stderr: "VBoxManage: error: Invalid type 'bogus' specfied for NIC 1\n" },
      { vm: 'my vm', ova: '' },
    );
    expect(error.message).toContain("Invalid type 'bogus'");
    expect(error.hint).toContain('VBoxManage modifyvm "my vm" --nic1 bogus');
  });

  it('is also an error text with exit status 0, and one of the Windows program', () => {
    expect(hasFailed({ exitCode: 0, stdout: '', stderr: 'VBoxManage: error: Cannot discard the saved state\n' })).toBe(
      true,
    );
    expect(hasFailed({ exitCode: 0, stdout: '', stderr: 'VBoxManage.exe: error: x\n' })).toBe(true);
    expect(hasFailed({ exitCode: 0, stdout: '', stderr: '0%...10%...100%\nOK.\n' })).toBe(false);
  });
});
