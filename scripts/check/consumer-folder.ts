import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { command, root } from './command.ts'
import { pack } from './tarballs.ts'

const sources = join(root, 'scripts/check/consumer')

const shared = { strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, target: 'es2022' }
const configs = {
  'tsconfig.json': {
    compilerOptions: { ...shared, module: 'nodenext', lib: ['es2023'], types: ['node'], outDir: 'out' },
    files: ['program.ts'],
  },
  'tsconfig.adapters.json': {
    compilerOptions: { ...shared, module: 'nodenext', lib: ['es2023'], types: ['node'], outDir: 'out' },
    files: ['adapters.ts'],
  },
  'tsconfig.browser.json': {
    compilerOptions: {
      ...shared,
      module: 'esnext',
      moduleResolution: 'bundler',
      lib: ['es2023', 'dom', 'dom.iterable'],
      types: [],
      noEmit: true,
    },
    files: ['browser.ts'],
  },
}

// Bundlers leave out what package.json lists, unless told.
const bundling = `export default {
  entry: ['worker.js'],
  format: 'esm',
  platform: 'neutral',
  outDir: 'bundled',
  dts: false,
  deps: { alwaysBundle: [/./] },
}
`

const capnp = (
  api: string,
  other: string,
  modules: readonly string[],
): string => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    (name = "internet", network = (allow = ["local", "private"])),
  ],
);
const main :Workerd.Worker = (
  modules = [${modules.map((name) => `(name = "${name}", esModule = embed "bundled/${name}")`).join(', ')}],
  bindings = [(name = "API", text = "${api}"), (name = "OTHER", text = "${other}")],
  compatibilityDate = "2026-01-01",
);
`

/** The HTTP clients that the adapters are for, in the versions of this workspace. */
function peers(): string[] {
  const workspace = readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8')
  return ['axios', 'got', 'undici'].map((name) => {
    const version = new RegExp(`^  ${name}: (\\S+)$`, 'm').exec(workspace)?.[1]
    if (version === undefined) throw new Error(`pnpm-workspace.yaml names no version of ${name}`)
    return `${name}@${version}`
  })
}

/** Makes the consumer's project in an empty folder, with every public package installed from its tarball by npm. Throws what failed. */
export async function consumerFolder(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const packed = await pack(folder)
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n')
  const specs = [...packed.map(({ path }) => path), ...peers(), '@types/node@24']
  const done = await command('npm', ['install', '--no-audit', '--no-fund', ...specs], { cwd: folder })
  if (!done.ok) throw new Error(`npm install of the tarballs: ${done.output}`)
  for (const file of readdirSync(sources)) copyFileSync(join(sources, file), join(folder, file))
  for (const [file, config] of Object.entries(configs))
    writeFileSync(join(folder, file), JSON.stringify(config, null, 2))
}

/** The worker with everything it imports, in files that lie flat, and workerd's configuration for it. Throws what failed. */
export async function bundleWorker(folder: string, api: string, other: string): Promise<void> {
  writeFileSync(join(folder, 'tsdown.config.js'), bundling)
  const done = await command('tsdown', [], { cwd: folder })
  if (!done.ok) throw new Error(`bundling the worker: ${done.output}`)
  // The first module is the one that runs.
  const modules = readdirSync(join(folder, 'bundled')).toSorted(
    (one, two) => Number(two === 'worker.js') - Number(one === 'worker.js'),
  )
  writeFileSync(join(folder, 'workerd.capnp'), capnp(api, other, modules))
}
