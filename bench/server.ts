// The API of the loopback benchmarks: answers once the request is whole, keeps connections open.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const server = createServer((request, response) => request.resume().once('end', () => response.end('{}')))
server.listen(0, '127.0.0.1', () => process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
process.once('disconnect', () => server.close())
