import { copyExample } from './support/example.js';
import { journey } from './support/journey.js';
import { onTerminal } from './support/terminal.js';
import { nx } from './support/workspace.js';

describe('interactive targets', () => {
  const workspace = journey({ prepare: copyExample });

  it('remote-run passes arguments and finds the data folder of the package', async () => {
    const ran = await nx(workspace(), [
      'run',
      'hello-haskell:remote-run',
      '--args=--in',
      '--args=fr',
      '--args=Ada Lovelace; echo $HOME `id`',
    ]);
    expect(ran.exitCode).toBe(0);
    expect(ran.stdout).toContain('Bonjour, Ada Lovelace; echo $HOME `id` !');
  });

  it('remote-run passes standard input', async () => {
    const ran = await nx(workspace(), ['run', 'hello-haskell:remote-run', '--args=-'], { stdin: 'Zoë\nMax\n' });
    expect(ran.exitCode).toBe(0);
    expect(ran.stdout).toContain('Hello, Zoë!');
    expect(ran.stdout).toContain('Hello, Max!');
  });

  it('remote-run fails when the program does, and names its exit status', async () => {
    const ran = await nx(workspace(), ['run', 'hello-haskell:remote-run', '--args=--in', '--args=xx']);
    expect(ran.exitCode).not.toBe(0);
    expect(ran.output).toContain('no greeting in "xx"');
    expect(ran.output).toMatch(/\b(status|code) 3\b/);
  });

  it('remote-ghci is a real terminal: prompt, evaluation, Ctrl-C, window size, the end', async () => {
    const terminal = onTerminal(workspace(), ['run', 'greetings:remote-ghci'], { columns: 97, rows: 31 });
    try {
      await terminal.shows(/ghci> |Prelude.*> |Greetings> /);
      terminal.type('fmap languages (parsePhrasebook "fr Salut {}")\r');
      await terminal.shows(/Right \["fr"\]/);
      terminal.type('length [1 ..]\r');
      await terminal.shows(/length \[1 \.\.\][^]*\[\?1l/); // GHCi has given the terminal to the evaluation.
      terminal.type('\x03');
      await terminal.shows(/Interrupted/);
      terminal.type(':!stty size\r');
      await terminal.shows(/31 97/);
      terminal.type(':quit\r');
      const ended = await terminal.ended;
      expect(ended.exitCode).toBe(0);
      expect(ended.output).toContain('Leaving GHCi.');
    } finally {
      terminal.close();
    }
  });
});
