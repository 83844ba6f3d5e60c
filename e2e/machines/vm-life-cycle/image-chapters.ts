import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { imageFiles, imageFolder, sha256OfFile } from '@build-machines/machines';
import { eventually } from '../../support/eventually.js';
import { isCacheHit, succeeded } from '../../support/nx-output.js';
import { processesOf } from '../../support/processes.js';
import { repository } from '../../support/repository.js';
import { smallProject } from '../../support/small-project.js';
import { copyInto, nx, startNx, writeTree } from '../../support/workspace.js';
import { keepImage } from '../support/image-cache.js';
import { rig } from '../support/rigs.js';
import { MINUTE, type VmStory } from './story.js';

/** From a definition to an image. Packer runs the real scripts on a small Debian disk, with Debian's compilers. */
export function imageChapters({ chapter, sideStory, workspace, state, run, images, image, machines }: VmStory): void {
  chapter(
    'begins with a definition and a port of its own',
    async () => {
      const options = ['--provider=qemu', '--cpus=2', '--memory=2048', '--disk=8', '--ghc=9.0.2', '--cabal=3.4.1.0'];
      succeeded(await nx(workspace(), ['generate', 'build-machines:vm', 'box', ...options, '--no-interactive']));
      const { root, workstation } = workspace();
      expect(readFileSync(join(root, 'port-registry.yml'), 'utf8')).toContain(`box: ${workstation.ports.first}`);
      const base = await rig('vm-base');
      // How an image is built is configured like any target.
      const packerBuild = {
        options: {
          baseDisk: join(base, 'base.qcow2'),
          baseDiskSha256: await sha256OfFile(join(base, 'base.qcow2')),
          baseDiskUser: 'builder',
          baseDiskPasswordFile: join(base, 'password'),
          toolchainSource: 'debian',
        },
      };
      writeTree(workspace(), {
        'machines/box/project.json': JSON.stringify({ name: 'box', targets: { 'packer-build': packerBuild } }),
        ...smallProject('hello', 'first'),
      });
    },
    25 * MINUTE,
  );

  chapter(
    'has an image built, with digest, origin, contents and password beside it',
    async () => {
      await run('box:packer-build');
      const { ova, provenance } = image();
      await keepImage(ova, 'box');
      expect(provenance.sha256).toBe(await sha256OfFile(ova));
      expect(provenance.toolchains).toContainEqual({ tool: 'ghc', version: '9.0.2' });
      const files = imageFiles(ova);
      expect(readFileSync(files.checksum, 'utf8')).toContain(provenance.sha256);
      const bill = readFileSync(files.billOfMaterials, 'utf8');
      for (const part of ['CycloneDX', 'libgmp-dev', 'zlib1g-dev', 'ghc']) expect(bill).toContain(`"${part}"`);
      expect(statSync(files.password).mode & 0o777).toBe(0o600);
    },
    15 * MINUTE,
  );

  chapter(
    'needs no second build when nothing changed',
    async () => {
      const before = images();
      expect(isCacheHit(await run('box:packer-build'), 'box:packer-build')).toBe(true);
      expect(images()).toEqual(before);
    },
    2 * MINUTE,
  );

  sideStory(
    'is built anew after a change of a script, and leaves nothing when that is interrupted',
    async () => {
      copyInto(workspace(), join(repository, 'packer'), 'packer');
      const step = 'packer/scripts/steps/70-smoke-check.sh';
      writeTree(workspace(), { [step]: `${readFileSync(join(workspace().root, step), 'utf8')}# changed\n` });
      const building = startNx(workspace(), ['run', 'box:packer-build'], { limit: 5 * MINUTE });
      await eventually('Packer runs a machine', () => machines().length > 0, 2 * MINUTE);
      building.signalGroup('SIGINT');
      expect((await building.ended).exitCode).not.toBe(0);
      const ofTheBuild = () =>
        processesOf(workspace().workstation.root).filter(({ command }) => /qemu-system|packer/.test(command));
      await eventually('everything of the build has ended', () => ofTheBuild().length === 0);
      const unfinished = () => readdirSync(imageFolder(state())).filter((file) => file.startsWith('.build-'));
      await eventually('its files are gone', () => unfinished().length === 0);
      writeTree(workspace(), { packer: null });
      expect(isCacheHit(await run('box:packer-build'), 'box:packer-build')).toBe(true);
    },
    8 * MINUTE,
  );
}
