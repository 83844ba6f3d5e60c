import type { HostFacts } from './host-facts.js';

/** The oldest Node that the agent runs on. */
const NODE_MAJOR = 18;

/** One thing that a host lacks. */
export interface MissingRequirement {
  readonly what: string;
  readonly fix: string;
  /** Package of Debian and Ubuntu that has it. */
  readonly debianPackage: string;
}

/** What a host lacks for the agent and, where it shall have one, for the tunnel. */
export function missingRequirements(facts: HostFacts, tunnel: boolean): MissingRequirement[] {
  const missing: MissingRequirement[] = [];
  const need = (program: string, debianPackage: string, found: string | null): void => {
    if (found === null)
      missing.push({
        what: program,
        fix: `On the host: sudo apt-get install -y ${debianPackage} (or its package of ${program}).`,
        debianPackage,
      });
  };
  const major = Number(/^v(\d+)\./.exec(facts.node?.version ?? '')?.[1] ?? 0);
  if (facts.node === null) need(`Node ${NODE_MAJOR} or later`, 'nodejs', null);
  else if (major < NODE_MAJOR)
    missing.push({
      what: `Node ${NODE_MAJOR} or later (${facts.node.path} is ${facts.node.version})`,
      fix: `Install a newer Node on the host: https://nodejs.org/en/download`,
      debianPackage: 'nodejs',
    });
  if (tunnel) {
    need('autossh', 'autossh', facts.autossh);
    need('ssh', 'openssh-client', facts.ssh);
  }
  return missing;
}
