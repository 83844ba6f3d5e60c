// `npm run generated`: everything in the repository that is generated and committed, in the order of what reads what.
// `npm run generated -- --check` writes nothing and fails when something is not current.
await import('../schemas/executor-schemas.mjs');
await import('./reference.mjs');
