// Build of the console: into dist/console, with content-hashed asset names and nothing inline.
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const SERVICE = 'http://127.0.0.1:8787';

export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  plugins: [react()],
  build: {
    outDir: '../../dist/console',
    emptyOutDir: true,
    assetsDir: 'assets',
    // A data: URL would need another source in the content security policy.
    assetsInlineLimit: 0,
    sourcemap: false,
    modulePreload: { polyfill: false },
    target: 'es2022',
    rolldownOptions: {
      output: {
        // Groups modules that several pages share into few files; otherwise each icon would be a separate one.
        codeSplitting: {
          groups: [
            { name: 'icons', test: /node_modules[\\/]lucide-react/ },
            { name: 'shared', test: /src[\\/]console[\\/](?:api|components|i18n|state)[\\/]/ },
          ],
        },
      },
    },
  },
  worker: { format: 'es' },
  server: { proxy: { '/v1': SERVICE } },
});
