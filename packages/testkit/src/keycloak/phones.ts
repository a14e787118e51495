import type { IncomingMessage } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { type Listening, listen } from '../listen.ts'
import { requestBody } from '../request-body.ts'

/** What a person answers, by what their phone shows; anything else is a yes. */
const answers: Readonly<Record<string, string>> = { no: 'CANCELLED', stranger: 'UNAUTHORIZED' }

const pauseMs = 100
const mostTries = 50

/**
 * The phones of everybody in the realm, which Keycloak reaches over HTTP (its authentication channel of CIBA). Each
 * agrees at once; with the binding message `no` it refuses, with `stranger` nobody it knows holds it.
 */
export function phones(): Promise<Listening> {
  return listen(() => (request, response) => {
    void rung(request).then((answer) => response.writeHead(201).end(() => void answer()))
  })
}

async function rung(request: IncomingMessage): Promise<() => Promise<void>> {
  const asked = JSON.parse((await requestBody(request)).toString()) as { readonly binding_message?: string }
  const { authorization = '' } = request.headers
  const { iss } = JSON.parse(Buffer.from(authorization.split('.')[1] ?? '', 'base64url').toString()) as { iss: string }
  return async () => {
    const body = JSON.stringify({ status: answers[asked.binding_message ?? ''] ?? 'SUCCEED' })
    const headers = { authorization, 'content-type': 'application/json' }
    // Nobody is so quick that Keycloak has not noted its own question yet; it then says 403.
    for (let time = 0; time < mostTries; time++) {
      await delay(pauseMs)
      const { ok } = await fetch(`${iss}/protocol/openid-connect/ext/ciba/auth/callback`, {
        method: 'POST',
        headers,
        body,
      })
      if (ok) return
    }
  }
}
