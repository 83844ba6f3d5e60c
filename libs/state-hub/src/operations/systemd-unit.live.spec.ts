import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { hubSystemdUnit } from './systemd-unit.js';

describe('the systemd unit of the hub', () => {
  it('quotes paths so that systemd neither splits nor expands them', () => {
    const unit = hubSystemdUnit({ node: '/usr/bin/node', program: '/a b/hub.cjs', state: '/s/100% "$x"' }, 8000);
    expect(unit).toContain('ExecStart="/usr/bin/node" "/a b/hub.cjs" serve --state "/s/100%% \\"$$x\\"" --port 8000');
    expect(unit).toContain('ReadWritePaths="/s/100%% \\"$x\\""');
    expect(unit).toContain('Environment="TMPDIR=/s/100%% \\"$x\\""');
  });

  const analyze = '/usr/bin/systemd-analyze';
  (existsSync(analyze) ? it : it.skip)('is accepted by systemd', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'unit-'));
    try {
      const file = join(folder, 'build-machines-hub.service');
      await writeFile(file, hubSystemdUnit({ node: process.execPath, program: '/tmp/hub.cjs', state: folder }, 8000));
      const { stderr } = await promisify(execFile)(analyze, ['verify', '--user', file], {
        env: { ...process.env, XDG_RUNTIME_DIR: folder },
      });
      expect(stderr).not.toContain('build-machines-hub.service:');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
