import preact from '@preact/preset-vite';
import { defineConfig } from 'vite';

/** The page is served under a strict Content-Security-Policy: no inline script or style, no data: modules. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [preact()],
  build: { target: 'es2022', assetsInlineLimit: 0, modulePreload: false, cssCodeSplit: false },
});
