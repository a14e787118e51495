import { randomUUID } from 'node:crypto'
import type { Reply } from '../scripted/reply.ts'
import { refuse } from './refusal.ts'
import type { OpeneoSettings } from './settings.ts'

interface Job {
  readonly id: string
  readonly owner: string
  readonly created: string
  readonly request: Readonly<Record<string, unknown>>
  readonly signature: string
  status: 'created' | 'queued' | 'running' | 'finished' | 'canceled'
  polls: number
}

/** Where a job's results lead to. */
export interface Places {
  /** The back-end's. */
  readonly root: string
  /** Another origin. */
  readonly external: string
}

/** A request to `/jobs…` by somebody who was let in. */
export interface JobRequest {
  readonly method: string
  /** What follows `/jobs/`. */
  readonly rest: readonly string[]
  readonly body: string
  readonly user: string
  readonly places: Places
}

/** The batch jobs of one back-end. */
export interface Jobs {
  answer(request: JobRequest): Reply
  /** A result whose link is signed; `rest` is what follows `/jobs/`. */
  signed(rest: readonly string[], signature: string | null, places: Places): Reply | undefined
}

const file = (id: string, name: string | undefined, { external }: Places): Reply =>
  name === 'moved.json'
    ? { status: 302, headers: { location: `${external}/${id}/moved.json` } }
    : { body: { computed: true } }

const describe = ({ id, created, status, request }: Job): object => ({
  id,
  status,
  created,
  progress: status === 'finished' ? 100 : 0,
  process: request['process'],
  ...(typeof request['title'] === 'string' ? { title: request['title'] } : {}),
})

/** STAC, with a result here, one that is here but leads elsewhere, and one on another origin. */
function results(job: Job, { root, external }: Places, signed: boolean): object {
  const here = `${root}/jobs/${job.id}/files`
  const query = signed ? `?signature=${job.signature}` : ''
  const asset = (href: string): object => ({ href, type: 'application/json', roles: ['data'] })
  return {
    stac_version: '1.0.0',
    type: 'Feature',
    id: job.id,
    geometry: null,
    properties: { datetime: job.created },
    links: [],
    assets: {
      'result.json': asset(`${here}/result.json${query}`),
      'moved.json': asset(`${here}/moved.json${query}`),
      'external.json': asset(`${external}/${job.id}/external.json`),
    },
  }
}

/** One more look at a job that was started. */
function poll(job: Job, jobPolls: number): void {
  if (job.status !== 'queued' && job.status !== 'running') return
  job.polls++
  job.status = job.polls > jobPolls ? 'finished' : 'running'
}

type Act = (job: Job, request: JobRequest) => Reply

function acts(settings: OpeneoSettings, jobs: Map<string, Job>): Readonly<Record<string, Act>> {
  return {
    'GET ': (job) => {
      poll(job, settings.jobPolls)
      return { body: describe(job) }
    },
    'DELETE ': (job) => {
      jobs.delete(job.id)
      return { status: 204 }
    },
    'POST results': (job) => {
      job.status = 'queued'
      return { status: 202 }
    },
    'DELETE results': (job) => {
      job.status = 'canceled'
      return { status: 204 }
    },
    'GET results': (job, { places }) =>
      job.status === 'finished'
        ? { body: results(job, places, settings.signedResults) }
        : refuse(400, 'JobNotFinished', 'The job has not finished.'),
    'GET logs': (job) => ({
      body: { logs: [{ id: '1', level: 'info', message: `The job is ${job.status}.` }], links: [] },
    }),
    'GET files': ({ id }, { rest, places }) => file(id, rest[2], places),
  }
}

/** Keeps batch jobs; each is seen by whoever made it. */
export function jobs(settings: OpeneoSettings): Jobs {
  const kept = new Map<string, Job>()
  const table = acts(settings, kept)

  const create = ({ user, body, places }: JobRequest): Reply => {
    const request = JSON.parse(body) as Job['request']
    const id = `j-${randomUUID()}`
    const created = `${new Date().toISOString().slice(0, 19)}Z`
    kept.set(id, { id, owner: user, created, request, signature: randomUUID(), status: 'created', polls: 0 })
    return { status: 201, headers: { location: `${places.root}/jobs/${id}`, 'openeo-identifier': id } }
  }

  return {
    answer: (request) => {
      const { method, rest, user } = request
      const [id = '', what = ''] = rest
      if (id === '') {
        if (method === 'POST') return create(request)
        const own = [...kept.values()].filter(({ owner }) => owner === user)
        return { body: { jobs: own.map(describe), links: [] } }
      }
      const job = kept.get(id)
      if (job?.owner !== user) return refuse(404, 'JobNotFound', 'There is no such job.')
      return table[`${method} ${what}`]?.(job, request) ?? refuse(405, 'MethodNotSupported')
    },
    signed: ([id = '', what, name], signature, places) =>
      what === 'files' && signature !== null && kept.get(id)?.signature === signature
        ? file(id, name, places)
        : undefined,
  }
}
