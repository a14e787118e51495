import type { Arrival } from '../api/route.ts'
import type { Reply } from '../scripted/reply.ts'
import type { ApiVersion } from './capabilities.ts'

/** A provider as `/credentials/oidc` lists it. Wire names; whatever else a document has is listed as well. */
export interface ListedProvider {
  readonly id: string
  readonly issuer: string
  readonly title: string
  readonly scopes?: readonly string[] | undefined
  readonly default_clients?: readonly ListedClient[] | undefined
  readonly authorization_parameters?: Readonly<Record<string, string>> | undefined
  readonly description?: string | undefined
}

/** One of its `default_clients`. */
export interface ListedClient {
  readonly id: string
  readonly grant_types: readonly string[]
  readonly redirect_urls?: readonly string[] | undefined
}

/** What a running back-end may be told to do otherwise; read anew for every request. */
export interface OpeneoSettings {
  /** Default none: then `/credentials/oidc` is not there. */
  providers: readonly ListedProvider[]
  /** Passwords by user; default `{ john: 'j0hn123' }`. With none, `/credentials/basic` is not there. */
  users: Readonly<Record<string, string>>
  /** Default 1.0.0 and 1.2.0, both in production. With none there is no `/.well-known/openeo`, and 1.2.0 is at the origin. */
  versions: readonly ApiVersion[]
  /** Takes bare tokens too, and lists the conformance class that says so: in the capabilities, or only in the document they link. Default false. */
  jwt: false | 'listed' | 'linked'
  /** How a bad token is refused; default 403 `TokenInvalid`. */
  refusal: { readonly status: number; readonly code: string; readonly message?: string | undefined }
  /** Refuses every token, for ever. Default false. */
  alwaysRefuse: boolean
  /** Refuses a bad token on what everybody may read, as some gateways do. Default false: it is not looked at. */
  checkPublic: boolean
  /** So often a started job is asked for before it has finished. Default 2. */
  jobPolls: number
  /** Links to a job's results carry a signature, and need no token. Default true. */
  signedResults: boolean
  /** Milliseconds before each answer; tokens are checked before. Default 0. */
  delay: number
  /** Asked first, whatever the request; what it gives is the answer. Default none. */
  answer: ((request: Arrival) => Reply | undefined) | undefined
}

/** What a back-end is started with unless told otherwise. */
export const defaultSettings: OpeneoSettings = {
  providers: [],
  users: { john: 'j0hn123' },
  versions: [
    { api_version: '1.0.0', production: true },
    { api_version: '1.2.0', production: true },
  ],
  jwt: false,
  refusal: { status: 403, code: 'TokenInvalid' },
  alwaysRefuse: false,
  checkPublic: false,
  jobPolls: 2,
  signedResults: true,
  delay: 0,
  answer: undefined,
}
