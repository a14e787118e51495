import type { LoginKey, TokenStore } from '@latchkey/core'

/** Drops a stored access token that a server refused, so that the next one is a new one. Any other stays. */
export async function forgetToken(key: LoginKey, accessToken: string, store: TokenStore): Promise<void> {
  if ((await store.get(key))?.tokens['']?.accessToken !== accessToken) return
  await store.update(key, async (current) => {
    if (current?.tokens['']?.accessToken !== accessToken) return current
    const { '': _, ...tokens } = current.tokens
    return { ...current, tokens }
  })
}
