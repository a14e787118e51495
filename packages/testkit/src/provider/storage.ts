import type { Adapter, AdapterPayload } from 'oidc-provider'

interface Entry {
  readonly payload: AdapterPayload
  /** Epoch milliseconds. */
  readonly expiresAt: number
}

/** What one provider remembers. */
export interface Storage {
  adapter(model: string): Adapter
  /** An entry that has neither expired nor been revoked, to the millisecond: oidc-provider itself counts whole seconds. */
  live(model: string, id: string): AdapterPayload | undefined
  /** Forgets one entry, as if it had been revoked. */
  forget(model: string, id: string): void
}

/** oidc-provider's own memory adapter keeps 1,000 entries and drops the rest: a crowd would lose its refresh tokens. */
export function storage(): Storage {
  const entries = new Map<string, Entry>()
  const byUid = new Map<string, string>()
  const byUserCode = new Map<string, string>()
  const byGrant = new Map<string, Set<string>>()

  const live = (model: string, id: string): AdapterPayload | undefined => {
    const entry = entries.get(`${model}:${id}`)
    return entry !== undefined && entry.expiresAt > Date.now() ? entry.payload : undefined
  }

  const adapter = (model: string): Adapter => ({
    upsert: async (id, payload, expiresIn) => {
      const key = `${model}:${id}`
      const expiresAt = expiresIn === undefined ? Number.POSITIVE_INFINITY : Date.now() + expiresIn * 1000
      entries.set(key, { payload, expiresAt })
      if (payload.uid !== undefined) byUid.set(payload.uid, id)
      if (payload.userCode !== undefined) byUserCode.set(payload.userCode, id)
      if (payload.grantId !== undefined) {
        const keys = byGrant.get(payload.grantId) ?? new Set()
        byGrant.set(payload.grantId, keys.add(key))
      }
    },
    find: async (id) => entries.get(`${model}:${id}`)?.payload,
    findByUid: async (uid) => entries.get(`${model}:${byUid.get(uid)}`)?.payload,
    findByUserCode: async (code) => entries.get(`${model}:${byUserCode.get(code)}`)?.payload,
    consume: async (id) => {
      const entry = entries.get(`${model}:${id}`)
      if (entry !== undefined) entry.payload.consumed = Math.floor(Date.now() / 1000)
    },
    destroy: async (id) => {
      entries.delete(`${model}:${id}`)
    },
    revokeByGrantId: async (grantId) => {
      for (const key of byGrant.get(grantId) ?? []) entries.delete(key)
      byGrant.delete(grantId)
    },
  })

  return { adapter, live, forget: (model, id) => entries.delete(`${model}:${id}`) }
}
