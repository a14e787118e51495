import type { StepUp } from '../token/step-up.ts'
import { parseChallenges } from './challenges.ts'
import { stepUpIn } from './verdict.ts'

/** What an API says about a refusal (RFC 6750 section 3, RFC 9470, RFC 9728 section 5.1). Server text, unescaped. */
export interface RefusalChallenge {
  readonly error?: string | undefined
  readonly errorDescription?: string | undefined
  /** The scope the API wants. */
  readonly scope?: string | undefined
  /** What `getToken({ stepUp })` may be asked for. */
  readonly stepUp?: StepUp | undefined
  /** Where the API describes itself; see `discoverResource`. */
  readonly resourceMetadata?: string | undefined
}

/** The part of a response that is looked at: any client's answer has it, or is brought to it in a line. */
export interface ChallengedResponse {
  readonly headers: { get(name: string): string | null }
}

/** Reads the Bearer or DPoP challenge of a 401 or 403 that was left to the caller; `undefined` when there is none. */
export function challengeOf({ headers }: ChallengedResponse): RefusalChallenge | undefined {
  const challenges = parseChallenges(headers.get('www-authenticate'))
  const ours = challenges.filter(({ scheme }) => scheme === 'bearer' || scheme === 'dpop')
  const said = ours.find(({ parameters }) => parameters['error'] !== undefined) ?? ours[0]
  if (said === undefined) return undefined
  const { error, error_description: errorDescription, scope } = said.parameters
  const resourceMetadata = ours.find(({ parameters }) => parameters['resource_metadata'])?.parameters[
    'resource_metadata'
  ]
  return { error, errorDescription, scope, stepUp: stepUpIn(said), resourceMetadata }
}
