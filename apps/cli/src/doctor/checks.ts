import { clientCheck } from './client.ts'
import { clockCheck } from './clock.ts'
import { discoveryCheck } from './discovery.ts'
import { environmentCheck } from './environment.ts'
import { filesCheck } from './files.ts'
import type { Check } from './finding.ts'
import { execCheck } from './leftover-exec.ts'
import { lockCheck } from './lock.ts'
import { loginsCheck } from './logins.ts'
import { proxyCheck } from './proxy.ts'

/** What is looked at, in the order in which it is told: what others hang on comes first. */
export const checks: readonly Check[] = [
  environmentCheck,
  filesCheck,
  lockCheck,
  execCheck,
  proxyCheck,
  discoveryCheck,
  clockCheck,
  clientCheck,
  loginsCheck,
]
