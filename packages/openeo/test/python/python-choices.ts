import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { providerDocuments, pythonClient } from '@latchkey/testkit'
import { choiceCases } from './situations.ts'

const client = pythonClient()
/** Whether there is no openEO client here to ask. */
export const absent: boolean = client.absent

/** The methods of the Python client that choose. */
export type PythonMethod = 'oidc' | 'device' | 'refresh' | 'code' | 'machine'

/** What it chose and sent, or said instead. */
export type PythonChoice =
  | { readonly error: string }
  | {
      readonly provider: string
      readonly sent: Readonly<Record<string, string>>
      readonly error?: undefined
    }

/** By document, situation and method. */
export type PythonChoices = Readonly<
  Record<string, Readonly<Record<string, Readonly<Record<PythonMethod, PythonChoice>>>>>
>

/** What the real client chooses in every case. */
export function pythonChoices(): PythonChoices {
  const script = new URL('./choices.py', import.meta.url).pathname
  const { stdout, stderr, status } = spawnSync(client.python, [script], {
    input: JSON.stringify({ documents: providerDocuments, cases: choiceCases }),
    env: { PATH: process.env['PATH'], HOME: tmpdir() },
    maxBuffer: 64 * 1024 * 1024,
  })
  if (status !== 0) throw new Error(String(stderr))
  return JSON.parse(String(stdout)) as PythonChoices
}
