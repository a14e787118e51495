import { fileStore } from '@latchkey/file-store'
import { tokenStoreContract } from '@latchkey/testkit/contracts/token-store'
import { temporaryDirectory } from './support/temporary-directory.ts'

tokenStoreContract('the file store', () => {
  const path = temporaryDirectory()
  return {
    open: ({ clock }) => fileStore({ path, clock }),
  }
})
