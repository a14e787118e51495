import type { OpeneoSettings } from './settings.ts'

/** One version of the API, as `/.well-known/openeo` lists it; served at `/openeo/VERSION`. */
export interface ApiVersion {
  /** `1.2.0`. */
  readonly api_version: string
  /** Default absent: clients disagree on what that means. */
  readonly production?: boolean | undefined
}

/** Where a version is served. */
export const pathOf = ({ api_version }: ApiVersion): string => `/openeo/${api_version}`

/** `/.well-known/openeo`. */
export function wellKnown(origin: string, versions: readonly ApiVersion[]): object {
  return { versions: versions.map((version) => ({ ...version, url: origin + pathOf(version) })) }
}

const endpoints: readonly (readonly [path: string, ...methods: string[]])[] = [
  ['/collections', 'GET'],
  ['/collections/{collection_id}', 'GET'],
  ['/processes', 'GET'],
  ['/file_formats', 'GET'],
  ['/udf_runtimes', 'GET'],
  ['/service_types', 'GET'],
  ['/processing_parameters', 'GET'],
  ['/conformance', 'GET'],
  ['/me', 'GET'],
  ['/validation', 'POST'],
  ['/result', 'POST'],
  ['/process_graphs', 'GET'],
  ['/services', 'GET'],
  ['/files', 'GET'],
  ['/jobs', 'GET', 'POST'],
  ['/jobs/{job_id}', 'GET', 'DELETE'],
  ['/jobs/{job_id}/logs', 'GET'],
  ['/jobs/{job_id}/results', 'GET', 'POST', 'DELETE'],
]

/** The conformance classes; that of JWT bearer tokens (openEO 1.3) where it is on. */
export function conformance({ jwt }: OpeneoSettings): { readonly conformsTo: readonly string[] } {
  const classes = ['https://api.openeo.org/1.3.0', 'https://api.stacspec.org/v1.0.0/core']
  return { conformsTo: jwt === false ? classes : [...classes, 'https://api.openeo.org/1.3.0/authentication/jwt'] }
}

/** `GET /`. The ways to authenticate are listed only where there are any. */
export function capabilities(root: string, version: string, settings: OpeneoSettings): object {
  const listed = [...endpoints]
  if (settings.providers.length > 0) listed.push(['/credentials/oidc', 'GET'])
  if (Object.keys(settings.users).length > 0) listed.push(['/credentials/basic', 'GET'])
  return {
    api_version: version,
    backend_version: '0.0.1',
    stac_version: '1.0.0',
    type: 'Catalog',
    id: 'mock',
    title: 'Mock back-end',
    description: 'A back-end for tests.',
    production: false,
    endpoints: listed.map(([path, ...methods]) => ({ path, methods })),
    ...(settings.jwt === 'linked' ? {} : conformance(settings)),
    links: [
      { rel: 'self', href: `${root}/` },
      { rel: 'conformance', href: `${root}/conformance`, type: 'application/json' },
    ],
  }
}
