import { type Clock, memoryStore, type TokenStore } from '@latchkey/core'
import { tokenStoreContract } from '@latchkey/testkit/contracts/token-store'

tokenStoreContract('the memory store', () => {
  let store: TokenStore | undefined
  return {
    open: ({ clock }: { clock: Clock }) => {
      store ??= memoryStore({ clock })
      return store
    },
  }
})
