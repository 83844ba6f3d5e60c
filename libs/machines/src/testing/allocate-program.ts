import { allocatePort } from '../registry/allocate.js';

// Prints the port that a machine (second argument) gets in the registry of a workspace (first argument).
const [, , root = '', machine = ''] = process.argv;
void allocatePort(root, machine).then((port) => process.stdout.write(String(port)));
