import { showable } from '@latchkey/core/http'
import type { ChoiceRequest } from './choice.ts'
import type { DefaultClient } from './provider.ts'
import { quoted } from './quoted.ts'

const urn = 'urn:ietf:params:oauth:grant-type:'
const device = `${urn}device_code`
const devicePkce = `${device}+pkce`
const codePkce = 'authorization_code+pkce'

/** All that the API knows. */
const known: ReadonlySet<string> = new Set([
  'implicit',
  'authorization_code',
  codePkce,
  device,
  devicePkce,
  'refresh_token',
])

/** What a client is for. */
export type Purpose = NonNullable<ChoiceRequest['purpose']>

/** How well a client's grants fit a purpose: 0 not at all, 1 where nothing better is there, 2 well. */
export function fitness({ grantTypes }: DefaultClient, purpose: Purpose): 0 | 1 | 2 {
  const lists = (...some: readonly string[]): boolean => some.some((one) => grantTypes.includes(one))
  switch (purpose) {
    case 'login':
      if (!lists(device, devicePkce)) return 0
      return lists('refresh_token') ? 2 : 1
    case 'refresh':
      return lists('refresh_token') ? 2 : 0
    case 'code':
      return lists(codePkce) ? 2 : 0
    case 'machine':
    case 'password':
      break
  }
  return 0
}

/** What a purpose needs, for a sentence. */
export const needed: Readonly<Record<Purpose, string>> = {
  login: 'device_code (and refresh_token, for a login that lasts)',
  refresh: 'refresh_token',
  code: codePkce,
  machine: 'a client of your own',
  password: 'a client of your own',
}

/** Whether a device login of a default client sends a proof key. */
export const wantsProofKey = ({ grantTypes }: DefaultClient): boolean => grantTypes.includes(devicePkce)

/** All the grants that there are, and a little more. */
const longestList = 120

/** The grants of a client for a sentence, the long prefix left out. */
export function grantWords({ grantTypes }: DefaultClient): string {
  const words = grantTypes.map((one) => (known.has(one) ? one.replace(urn, '') : `${quoted(one)} (unknown)`))
  return words.length === 0 ? 'no grants' : showable(words.join(', '), [], longestList)
}
