// npm run bench [requests|peers|proofs|memory|crowds|store|start-up|footprint]: ratios measured in one run; absolute numbers are this machine's.
import { cpus } from 'node:os'
import { crowds } from './crowds.ts'
import { proofs } from './dpop.ts'
import { footprint } from './footprint.ts'
import { memory } from './memory.ts'
import { againstPeers } from './peers.ts'
import { requests } from './requests.ts'
import { startUp } from './start-up.ts'
import { store } from './store.ts'

const parts: Readonly<Record<string, () => Promise<void>>> = {
  requests,
  peers: againstPeers,
  proofs,
  memory,
  crowds,
  store,
  'start-up': startUp,
  footprint,
}
const asked = process.argv.slice(2)
const unknown = asked.find((name) => !Object.hasOwn(parts, name))
if (unknown !== undefined) {
  console.error(`There is no benchmark ${unknown}: ${Object.keys(parts).join(', ')}.`)
  process.exit(2)
}

console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}`)
for (const [name, run] of Object.entries(parts)) {
  if (asked.length === 0 || asked.includes(name)) await run()
}
