import { hashWithMachines } from '../../hashing/hash-with-machines.js';

/** How Nx hashes a task of this executor. */
export default hashWithMachines;
