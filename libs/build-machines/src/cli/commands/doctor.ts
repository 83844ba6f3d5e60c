import type { Command } from 'commander';
import { allChecks } from '../doctor/checks/index.js';
import { examine, isHealthy } from '../doctor/examine.js';
import { renderReport } from '../doctor/report.js';
import { thisWorkstation } from '../doctor/this-workstation.js';
import { exitCode } from '../exit-codes.js';
import { printAnswer } from '../output/answer.js';
import type { Surroundings } from '../surroundings.js';
import { findWorkspaceRoot } from '../workspace-root.js';
import type { Finish } from '../program.js';

/** `doctor`: what is missing on this workstation, with the command that mends it. */
export function addDoctor(program: Command, surroundings: Surroundings, finish: Finish): void {
  program
    .command('doctor')
    .description('Show what this workstation lacks for the machines of the workspace, with the command that mends it')
    .option('--json', 'print one JSON document')
    .action(async ({ json }: { json?: boolean }) => {
      const root = findWorkspaceRoot(surroundings.cwd);
      const checks = await examine(allChecks(root), await thisWorkstation(surroundings, root));
      const healthy = isHealthy(checks);
      printAnswer(surroundings, json, { data: { healthy, checks }, text: renderReport(checks) });
      finish(healthy ? exitCode.success : exitCode.failure);
    });
}
