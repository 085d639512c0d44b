import { fileURLToPath } from 'node:url'
import tailwind from '@tailwindcss/vite'
import { defineConfig } from 'vite'
import solid from 'vite-plugin-solid'
import { mockApi } from './mock-api/vite-plugin.ts'

/**
 * `vite` serves the page over the mock API; with ECOMIND_API_URL set it talks to a real serving API instead.
 * `vite build` writes ui/dist, which the serving API serves at `/`.
 */
const apiUrl = process.env['ECOMIND_API_URL']

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [solid(), tailwind(), ...(apiUrl === undefined ? [mockApi()] : [])],
  server: {
    host: '127.0.0.1',
    port: 5173,
    ...(apiUrl === undefined ? {} : { proxy: { '/v1': apiUrl, '/health': apiUrl } }),
  },
  build: {
    target: 'es2022',
    // The server's content policy forbids inline data, so every asset is a file of its own.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
})
