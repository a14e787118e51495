import { defineConfig, type UserConfig } from 'tsdown'

// What `auth token` needs for a token that is stored: one file, because each file costs a third of a millisecond, and
// nothing else in it, because each kB costs a thirtieth. test/start-up.test.ts looks at what is loaded.
const quick = new RegExp(
  [
    'core/src/(errors|clock|store/login-key|token/(token|freshness))',
    'file-store/src/(?!auth-config|clear-|shared-files)[a-z-]+',
    'cli/src/commands/(token|header)',
    'cli/src/(args|command|commands|duration|exit-code|flags|fresh-token|io|issuers|json-text|main|stored-login)',
    'cli/src/(target|terminal-text|usage-error|wanted)',
  ]
    .map((files) => `${files}\\.ts$`)
    .join('|'),
)

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
  logLevel: 'error',
  inputOptions: { preserveEntrySignatures: 'allow-extension' },
  outputOptions: {
    comments: { legal: true, annotation: false, jsdoc: false },
    codeSplitting: {
      groups: [
        { name: 'auth', includeDependenciesRecursively: false, test: (id) => quick.test(id.replaceAll('\\', '/')) },
      ],
    },
  },
})
export default config
