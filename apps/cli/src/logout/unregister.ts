import { type AuthErrorCode, deleteRegistration, isAuthError } from '@latchkey/core'
import type { Context } from '../command.ts'
import { registrations } from '../login/registrations.ts'
import { terminalText } from '../terminal-text.ts'
import { UsageError } from '../usage-error.ts'

/** The issuer knows the client no more, or this registration token: asking again changes nothing. */
const hopeless: readonly AuthErrorCode[] = ['CONFIG_INVALID', 'UNSUPPORTED']

/**
 * Ends the client that was registered from here at an issuer (RFC 7592), there and here.
 *
 * @throws UsageError where there is none; what the issuer could not be asked for: then the client is kept
 */
export async function unregister(issuer: string, { io, fetch }: Context): Promise<void> {
  const kept = registrations({ env: io.env })
  const client = await kept.get(issuer)
  if (client === undefined) throw new UsageError(`No client was registered at ${issuer} from here.`)
  const said = `Client ${client.clientId} of ${issuer}`
  try {
    const whole = { ...client, differences: [], metadata: {} }
    await deleteRegistration({ issuer, fetch }, whole, { signal: io.interruption() })
    io.err(`${terminalText(`${said} is registered no more.`)}\n`)
  } catch (error) {
    if (!isAuthError(error) || !hopeless.includes(error.code)) throw error
    io.err(`${terminalText(`${said} is forgotten here; the issuer did not confirm: ${error.message}`)}\n`)
  }
  await kept.remove(issuer)
}
