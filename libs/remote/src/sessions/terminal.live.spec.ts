import { spawn } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { builtProgram } from '@build-machines/testing';
import { makeWorkspace, startAgentMachine, type AgentMachine } from '../testing/agent-machine.js';

let machine: AgentMachine;
let root: string;
const program = builtProgram('session.cjs');
beforeAll(async () => {
  machine = await startAgentMachine();
  root = await makeWorkspace({ file: 'x' });
  await writeFile(join(machine.ssh.folder, 'access.json'), JSON.stringify(machine.access));
});
afterAll(async () => {
  await machine.close();
  await rm(root, { recursive: true });
});

/** Runs the session in a real terminal of 91 × 17, types `keys` once `cue` is shown, then asks for the terminal's mode. */
async function inTerminal(command: string, cue: string, keys: string): Promise<string> {
  const quoted = [process.execPath, program, join(machine.ssh.folder, 'access.json'), root, command].map(
    (word) => `'${word.replaceAll("'", String.raw`'\''`)}'`,
  );
  const shell = `stty cols 91 rows 17; ${quoted.join(' ')}; echo "status=$?"; stty -a`;
  const terminal = spawn('script', ['-qec', shell, '/dev/null'], {
    env: { ...process.env, TERM: 'xterm-256color', SHELL: '/bin/bash' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let shown = '';
  let typed = false;
  terminal.stdout.on('data', (chunk: Buffer) => {
    shown += chunk.toString();
    if (typed || !shown.includes(cue)) return;
    typed = true;
    terminal.stdin.write(keys);
  });
  await new Promise((resolve) => terminal.once('close', resolve));
  return shown.replaceAll('\r', '');
}

describe('a session in a terminal', () => {
  it('has its size and kind, gets keys as they are typed, and leaves the terminal as it was', async () => {
    const shown = await inTerminal('stty size; echo $TERM; read -rsn1 key; echo "got $key"; exit 4', 'xterm', 'q');
    expect(shown).toContain('17 91\nxterm-256color\ngot q\n');
    expect(shown).toContain('status=4');
    expect(shown).toMatch(/(?<!-)icanon/);
    expect(shown).toMatch(/(?<!-)isig/);
  });

  it('passes Ctrl-C on to the command, and does not end by it', async () => {
    const command = 'trap "echo interrupted; exit 7" INT; echo ready; while :; do sleep 0.1; done';
    const shown = await inTerminal(command, 'ready', '\x03');
    expect(shown).toContain('interrupted');
    expect(shown).toContain('status=7');
    expect(shown).toMatch(/(?<!-)icanon/);
  });
});
