import { AccessDeniedError } from './auth-errors.js';
import type { Principal } from './token-store.js';

const anonymous: Principal = { role: 'read-only', name: 'anonymous' };

/**
 * The user that a request acts for: its own, or (for an admin) the one that it names.
 * @throws AccessDeniedError when a user names another.
 */
export function onBehalfOf(principal: Principal | null, named: string | undefined): string {
  const { name, role } = principal ?? anonymous;
  if (named === undefined || named === name) return name;
  if (role === 'admin') return named;
  throw new AccessDeniedError({ name, role }, `act for "${named}"`);
}

/** @throws AccessDeniedError when the principal is neither the owner nor an admin. */
export function requireOwner(principal: Principal | null, owner: string): void {
  if (principal?.role === 'admin' || principal?.name === owner) return;
  throw new AccessDeniedError(principal ?? anonymous, `change what belongs to "${owner}"`);
}
