import type { Reply } from '../scripted/reply.ts'

/** An error as openEO words it: `code` and `message`, and a number to quote to the operator. */
export function refuse(status: number, code: string, message: string = `The back-end says ${code}.`): Reply {
  return { status, body: { id: 'r-1', code, message, links: [] } }
}
