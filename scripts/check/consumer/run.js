// Deno and Bun: `run.js API OTHER`.
import process from 'node:process'
import { smoke } from './smoke.js'

const [api, other] = process.argv.slice(2)
await smoke(api, other)
console.log('ok')
