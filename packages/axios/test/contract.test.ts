import { adapterContract } from '@latchkey/testkit/contracts/adapter'
import axios from 'axios'
import { withAuth } from '../src/index.ts'
import { axiosSend } from './clients.ts'

const plain = { validateStatus: () => true, responseType: 'text', transformResponse: (text: unknown) => text } as const

for (const adapter of ['http', 'fetch'] as const) {
  adapterContract(`axios with its ${adapter} adapter`, {
    client: (authorizer) => axiosSend(withAuth(authorizer, axios.create({ ...plain, adapter }))),
    isAbort: (error) => axios.isCancel(error),
  })
}
