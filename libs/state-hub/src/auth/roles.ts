import { z } from 'zod';

/**
 * What a token may do. Least privilege: a machine speaks for itself only and never touches the cache; a pull request's
 * pipeline gets `cache-read` (an untrusted build must not be able to poison what others restore, CVE-2025-36852).
 */
export const Role = z.enum(['admin', 'machine', 'user', 'read-only', 'cache-read', 'cache-write']);
export type Role = z.infer<typeof Role>;

/**
 * What a request needs. Each route declares one. `catalog`: which machines are there and how they are, which a hub on
 * loopback shows without a token; `read`: what people run, and what it prints.
 */
export type Access = 'open' | 'catalog' | 'read' | 'machine' | 'user' | 'admin' | 'cache-read' | 'cache-write';

const granted: Record<Role, readonly Access[]> = {
  admin: ['open', 'catalog', 'read', 'machine', 'user', 'admin', 'cache-read', 'cache-write'],
  machine: ['open', 'catalog', 'machine'],
  user: ['open', 'catalog', 'read', 'user', 'cache-read'],
  'read-only': ['open', 'catalog', 'read'],
  'cache-read': ['open', 'cache-read'],
  'cache-write': ['open', 'cache-read', 'cache-write'],
};

/** Whether a role suffices for an access. */
export function mayAccess(role: Role, access: Access): boolean {
  return granted[role].includes(access);
}
