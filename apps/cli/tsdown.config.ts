import { defineConfig, type UserConfig } from 'tsdown'

const config: UserConfig = defineConfig({
  // CommonJS starts 7 ms sooner than ESM, and a chunk a command loads only what the command needs (docs/decisions.md, "start").
  entry: { bin: 'src/bin.ts' },
  format: 'cjs',
  platform: 'node',
  target: 'node22.18',
  dts: false,
  // Nobody else's code gets into the bundle unseen; whose does, with its licence.
  deps: { alwaysBundle: [/^@latchkey\//, 'oauth4webapi'], onlyBundle: ['oauth4webapi'] },
  copy: [{ from: '../../node_modules/oauth4webapi/LICENSE.md', to: 'dist', rename: 'LICENSE-oauth4webapi.md' }],
  logLevel: 'warn',
})
export default config
