// `npm run check:consumer`: the packages as a stranger gets them. Packed, installed by npm in an empty folder, compiled by
// old and new compilers, run on old and new Nodes, and core with fetch in the other runtimes.
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { command, type Outcome } from './command.ts'
import { bundleWorker, consumerFolder } from './consumer-folder.ts'
import { compiler, compilers, node, nodes, runtime, runtimes, type Tool } from './consumer-tools.ts'
import { type Check, report } from './report.ts'

// Only an API that says what it was sent; the program for Node brings its own.
async function whoami(): Promise<{ readonly server: Server; readonly origin: string }> {
  const server = createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ authorization: request.headers.authorization }))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

const cli = 'node_modules/@latchkey/cli'

const missing = (tool: { readonly missing: string }): Outcome => ({ ok: false, output: tool.missing })

// got's own declarations do not compile before TypeScript 5.7.
const configsFor = (version: string): readonly string[] => [
  'tsconfig.browser.json',
  'tsconfig.json',
  ...(version.startsWith('5.5') ? [] : ['tsconfig.adapters.json']),
]

async function compiles(folder: string, tool: Tool, configs: readonly string[]): Promise<Outcome> {
  if ('missing' in tool) return missing(tool)
  for (const config of configs) {
    const done = await command('node', [tool.program, '-p', config], { cwd: folder })
    if (!done.ok) return { ...done, output: `tsc -p ${config}\n${done.output}` }
  }
  return { ok: true, output: '' }
}

async function runsOn(folder: string, tool: Tool, origin: string): Promise<Outcome> {
  if ('missing' in tool) return missing(tool)
  const home = await mkdtemp(join(folder, 'home-'))
  const env = {
    HOME: home,
    USERPROFILE: home,
    XDG_DATA_HOME: join(home, 'data'),
    XDG_CONFIG_HOME: join(home, 'config'),
  }
  for (const program of [['out/program.js'], ['out/adapters.js', origin]]) {
    const done = await command(tool.program, program, { cwd: folder, env })
    // Nothing but its own line: a warning that reaches a user is a fault too.
    if (!/^ok v\d+\.\d+\.\d+\n$/.test(done.output)) return { ok: false, output: done.output }
  }
  const manifest: unknown = JSON.parse(readFileSync(join(folder, cli, 'package.json'), 'utf8'))
  const { auth } = (manifest as { bin: { auth: string } }).bin
  return command(tool.program, [join(cli, auth), 'paths'], { cwd: folder, env })
}

async function smokes(
  name: keyof typeof runtimes,
  tool: Tool,
  run: (program: string) => Promise<Outcome>,
): Promise<Outcome> {
  // Where it does not install, lint still holds core and fetch to the web platform.
  if (!('missing' in tool)) return run(tool.program)
  const note = `${name} does not install here: only the source check holds`
  return { ok: process.env['LATCHKEY_REQUIRE_PEERS'] !== '1', output: tool.missing, note }
}

const work = await mkdtemp(join(tmpdir(), 'latchkey-consumer-'))
const tools = join(work, 'tools')
const folder = join(work, 'project')
const api = await whoami()
const other = await whoami()
const origins = [api.origin, other.origin] as const

const checks: readonly Check[] = [
  ...compilers.map((version): Check => {
    return [`TypeScript ${version}`, async () => compiles(folder, await compiler(tools, version), configsFor(version))]
  }),
  ...nodes.map(
    (version): Check => [`Node ${version}`, async () => runsOn(folder, await node(tools, version), api.origin)],
  ),
  [
    `Deno ${runtimes.deno}`,
    async () =>
      smokes('deno', await runtime(tools, 'deno'), (deno) =>
        command(deno, ['run', '--allow-all', '--no-config', '--node-modules-dir=manual', 'run.js', ...origins], {
          cwd: folder,
        }),
      ),
  ],
  [
    `Bun ${runtimes.bun}`,
    async () =>
      smokes('bun', await runtime(tools, 'bun'), (bun) => command(bun, ['run.js', ...origins], { cwd: folder })),
  ],
  [
    `workerd ${runtimes.workerd}`,
    async () =>
      smokes('workerd', await runtime(tools, 'workerd'), async (workerd) => {
        await bundleWorker(folder, ...origins)
        return command(workerd, ['test', 'workerd.capnp'], { cwd: folder })
      }),
  ],
]

try {
  const built = await command('turbo', ['run', 'build', '--output-logs=errors-only'])
  if (!built.ok) throw new Error(`the packages do not build: ${built.output}`)
  await consumerFolder(folder)
  process.exitCode = (await report(checks)) === 0 ? 0 : 1
} catch (error) {
  console.log(error instanceof Error ? error.message : error)
  process.exitCode = 1
} finally {
  api.server.close()
  other.server.close()
  await rm(work, { recursive: true, force: true })
}
