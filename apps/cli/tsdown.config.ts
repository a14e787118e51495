import { defineConfig, type UserConfig } from 'tsdown'

const config: UserConfig = defineConfig({
  // CommonJS starts 7 ms sooner than ESM, and a chunk a command loads only what the command needs (docs/decisions.md, "start").
  entry: { bin: 'src/bin.ts' },
  format: 'cjs',
  platform: 'node',
  target: 'node22.18',
  dts: false,
  deps: { alwaysBundle: [/^@latchkey\//, 'oauth4webapi'] },
})
export default config
