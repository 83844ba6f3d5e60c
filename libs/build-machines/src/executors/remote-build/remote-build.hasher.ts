import { hashWithOutputs } from '../../outputs/hash-with-outputs.js';

/** How Nx hashes a task of this executor. */
export default hashWithOutputs;
