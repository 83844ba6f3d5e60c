import type { TargetConfiguration } from '@nx/devkit';

/** One entry of a target's `inputs`, or of a named input. */
export type InputDefinition = NonNullable<TargetConfiguration['inputs']>[number];
