import { defineConfig, type UserConfig } from 'tsdown'

const common: UserConfig = {
  // CommonJS starts 7 ms sooner than ESM, and a chunk a command loads only what the command needs (docs/decisions.md, "start").
  format: 'cjs',
  platform: 'node',
  target: 'node22.18',
  dts: false,
  // Nobody else's code gets into the bundle unseen; whose does, with its licence.
  deps: { alwaysBundle: [/^@latchkey\//, 'oauth4webapi', 'uqr'], onlyBundle: ['oauth4webapi', 'uqr'] },
  outputOptions: { comments: { legal: true, annotation: false, jsdoc: false }, dynamicImportInCjs: false },
  logLevel: 'error',
}

// Two builds, because each file costs a third of a millisecond and each kB a thirtieth: what prints a stored token is
// one file, and what it shares with the rest of the program is in both. test/start-up.test.ts looks at what is loaded.
const configs: UserConfig[] = defineConfig([
  {
    ...common,
    entry: { bin: 'src/bin.ts' },
    plugins: [
      { name: 'the rest', resolveId: (id) => (id === './main.ts' ? { id: './main.cjs', external: true } : null) },
    ],
  },
  {
    ...common,
    entry: { main: 'src/main.ts' },
    clean: false,
    copy: [
      { from: '../../node_modules/oauth4webapi/LICENSE.md', to: 'dist', rename: 'LICENSE-oauth4webapi.md' },
      { from: '../../packages/login/node_modules/uqr/LICENSE', to: 'dist', rename: 'LICENSE-uqr' },
    ],
  },
])
export default configs
