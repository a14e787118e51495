import type { Login, LoginKey, StoredToken } from '@latchkey/core'
import { fileStore } from '@latchkey/file-store'

/** An access token that came just now. */
export function storedToken(accessToken: string, more: Partial<StoredToken> = {}): StoredToken {
  const receivedAt = Date.now()
  return { accessToken, tokenType: 'Bearer', receivedAt, expiresAt: receivedAt + 3_600_000, order: 0, ...more }
}

/** Puts a login where the CLI finds it. */
export async function store(env: Readonly<Record<string, string>>, key: LoginKey, login: Login): Promise<void> {
  const files = fileStore({ env })
  await files.update(key, async () => login)
  await files.close()
}
