import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { command } from './command.ts'

/** The compilers our declarations must satisfy: the oldest and the newest that consumers have. */
export const compilers = ['5.5.4', '5.9.3', '6.0.3', '7.0.2'] as const

/** The Nodes our packages must run on; the first is the lowest that `engines` allows. */
export const nodes = ['22.18.0', '22', '24', '26'] as const

/** Other runtimes for core and fetch. */
export const runtimes = { deno: '2.9.6', bun: '1.4.5', workerd: '1.20261117.1' } as const

/** Why a tool is not there, or where its program is. */
export type Tool = { readonly program: string } | { readonly missing: string }

async function installed(folder: string, spec: string, program: string): Promise<Tool> {
  // A folder each: these packages fetch their program when they are installed, and one that fails must not take the others with it.
  mkdirSync(folder, { recursive: true })
  const done = await command('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', spec], { cwd: folder })
  const path = join(folder, 'node_modules', program)
  return done.ok && existsSync(path) ? { program: path } : { missing: `${spec} does not install here: ${done.output}` }
}

/** A TypeScript compiler, to be run by `node`. */
export function compiler(folder: string, version: string): Promise<Tool> {
  return installed(join(folder, `typescript-${version}`), `typescript@${version}`, 'typescript/bin/tsc')
}

/** A Node. */
export function node(folder: string, version: string): Promise<Tool> {
  return installed(join(folder, `node-${version}`), `node@${version}`, 'node/bin/node')
}

/** Deno, Bun or workerd. */
export function runtime(folder: string, name: keyof typeof runtimes): Promise<Tool> {
  return installed(join(folder, name), `${name}@${runtimes[name]}`, `.bin/${name}`)
}
