import { showable } from '@latchkey/core/http'

/** Text of a back-end as a person may be shown it, in quotes, as the Python client names things. */
export function quoted(text: string): string {
  return `'${showable(text)}'`
}
