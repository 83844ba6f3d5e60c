/** Compilers and tools of an image whose definition names none: the ones that the documentation speaks of. */
export const imageToolchains = { ghc: ['9.8.4', '9.6.6'], cabal: '3.16.1.0' } as const;
