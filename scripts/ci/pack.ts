// `npm run pack -- FOLDER`: builds and packs every public package, for a release.
import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { command, root } from '../check/command.ts'
import { pack } from '../check/tarballs.ts'

const folder = process.argv[2]
if (folder === undefined) throw new Error('Say where to: npm run pack -- FOLDER')
mkdirSync(resolve(root, folder), { recursive: true })
const built = await command('turbo', ['run', 'build', '--output-logs=errors-only'])
if (!built.ok) throw new Error(built.output)
for (const { path } of await pack(resolve(root, folder))) console.log(path)
