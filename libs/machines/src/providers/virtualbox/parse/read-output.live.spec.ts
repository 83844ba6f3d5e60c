import { cleanOutput } from '../runner/clean-output.js';
import { shellCommand } from '../../../remote-shell/shell-word.js';
import { parseMachineReadable } from './machine-readable.js';
import { isSupported, parseVirtualBoxVersion } from './version.js';
import { parseVmList } from './vm-list.js';
import { execaSync } from 'execa';

const WARNING =
  'WARNING: The character device /dev/vboxdrv does not exist.\n\t Please install the virtualbox-dkms package and the appropriate\n\t headers, most likely linux-headers-v782.\n\n\t You will not be able to start VMs until this problem is fixed.\n';

describe('reading what VBoxManage prints', () => {
  it('skips the warning about the driver and carriage returns', () => {
    expect(cleanOutput(`${WARNING}7.2.22_Debianr175245\r\n`)).toBe('7.2.22_Debianr175245\n');
    expect(cleanOutput(WARNING)).toBe('');
  });

  it.each([
    ['7.2.22_Debianr175245', [7, 2, 22], true],
    ['7.0.20r163906', [7, 0, 20], true],
    ['6.1.50_Ubuntur161033', [6, 1, 50], false],
  ])('reads the version %s', (text, version, supported) => {
    const found = parseVirtualBoxVersion(`${WARNING}${text}\n`);
    expect(found).toEqual(version);
    expect(found && isSupported(found)).toBe(supported);
  });

  it('reads quoted keys, blanks in values, and lines that are none', () => {
    const values = parseMachineReadable(
      'name="my "odd" vm"\nmemory=1024\nrecording_screens=1\n rec_screen0\n"SATA-0-0"="/root/VirtualBox VMs/a=b.vdi"\nForwarding(0)="ssh,tcp,127.0.0.1,2222,,22"\n',
    );
    expect(Object.fromEntries(values)).toEqual({
      name: 'my "odd" vm',
      memory: '1024',
      recording_screens: '1',
      'SATA-0-0': '/root/VirtualBox VMs/a=b.vdi',
      'Forwarding(0)': 'ssh,tcp,127.0.0.1,2222,,22',
    });
  });

  it('reads the list of VMs, and none', () => {
    expect(parseVmList('"gw 1" {49905d4c-de2d-4957-910e-32fb58977bd3}\r\n')).toEqual([
      { name: 'gw 1', uuid: '49905d4c-de2d-4957-910e-32fb58977bd3' },
    ]);
    expect(parseVmList('')).toEqual([]);
  });
});

describe('a command for a POSIX shell', () => {
  it('arrives as exactly its arguments', () => {
    const argv = ['printf', '%s\\0', "it's", '$HOME', '`id`', '; rm -rf x', '', 'a b\nc', '*', '\\'];
    const { stdout } = execaSync('sh', ['-c', shellCommand(argv)]);
    expect(stdout.split('\0').slice(0, -1)).toEqual(argv.slice(2));
  });
});
