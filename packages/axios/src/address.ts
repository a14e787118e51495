import { Axios, type AxiosRequestConfig, type InternalAxiosRequestConfig } from 'axios'

/** axios' own rules for `baseURL`, `params` and what is absolute, with nobody's defaults. */
const rules = new Axios({})

/** Where a request goes. */
export interface Address {
  /** What to pass as `url`: absolute, without `params`. */
  readonly absolute: string
  /** With its query, for the authorizer. */
  readonly url: URL
}

const uri = (parts: Record<string, unknown>): string => rules.getUri(parts as AxiosRequestConfig)

/** Where axios would send this. `undefined`: nowhere; axios itself says what is wrong. */
export function addressOf(config: InternalAxiosRequestConfig): Address | undefined {
  const { url, baseURL, allowAbsoluteUrls, params, paramsSerializer } = config
  try {
    const absolute = uri({ url, baseURL, allowAbsoluteUrls })
    const href = params == null ? absolute : uri({ url: absolute, params, paramsSerializer })
    return { absolute, url: new URL(href) }
  } catch {
    return undefined
  }
}
