import { type Check, type Finding, ok, warn } from './finding.ts'

type Env = Readonly<Record<string, string | undefined>>

/** Variables that change what we do, where their value may be shown. */
const shown = ['OPENEO_CONFIG_HOME', 'XDG_CONFIG_HOME', 'XDG_DATA_HOME', 'LATCHKEY_CLIENT_ID'] as const

/** Judges what the environment overrides. */
export function environmentFindings(env: Env): readonly Finding[] {
  const found: Finding[] = shown.flatMap((name) => (env[name] ? [ok('environment', `${name}=${env[name]}`)] : []))
  if (env['LATCHKEY_CLIENT_SECRET']) {
    const owner = env['LATCHKEY_CLIENT_ID']
    if (owner) found.push(ok('environment', `LATCHKEY_CLIENT_SECRET is set, for client ${owner} alone`))
    else {
      const text = 'LATCHKEY_CLIENT_SECRET is set for every client that is not known to be public.'
      found.push(warn('environment', text, 'set LATCHKEY_CLIENT_ID beside it'))
    }
  }
  for (const name of ['BEARER_TOKEN', 'BEARER_TOKEN_FILE']) {
    if (!env[name]) continue
    const text = `${name} is set: tools that look for it use that token, not one of these logins.`
    found.push(warn('environment', text, `unset ${name}, if it was not meant`))
  }
  return found.length > 0 ? found : [ok('environment', 'overrides nothing')]
}

export const environmentCheck: Check = async ({ context }) => environmentFindings(context.io.env)
