import { isObject, type JsonObject, textsOf } from '@latchkey/core/http'

/** Whether capabilities list `GET` of a path; `undefined` where they have no list of endpoints. */
export function lists(capabilities: JsonObject, path: string): boolean | undefined {
  const endpoints: unknown = capabilities['endpoints']
  if (!Array.isArray(endpoints)) return undefined
  return endpoints.some(
    (one) =>
      isObject(one) && one['path'] === path && textsOf(one, 'methods').some((method) => method.toUpperCase() === 'GET'),
  )
}
