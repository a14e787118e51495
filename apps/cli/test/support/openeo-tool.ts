import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { pythonClient } from '@latchkey/testkit'
import type { Home } from './home.ts'

const { python, absent: isAbsent } = pythonClient()
const programs = join(import.meta.dirname, '..', 'programs')

export const absent: boolean = isAbsent

/** What a program of the tests prints, run by the Python that has the client. */
export function pythonOutput(program: string): string {
  return spawnSync(python, [join(programs, program)], { encoding: 'utf8' }).stdout
}

/** How a run of the tool ended. */
export interface ToolEnded {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** A run of the tool that has not ended. */
export interface ToolRun {
  readonly ended: Promise<ToolEnded>
  /** Resolves with the match once stdout has it; rejects if the run ends first. */
  readonly prints: (pattern: RegExp) => Promise<RegExpExecArray>
}

/** The real `openeo-auth`, without a controlling terminal. */
export interface OpeneoTool {
  start(words: readonly string[], at: Home, input?: string): ToolRun
  close(): void
}

/** Loads the tool once: that costs two seconds of a core, and a run in a child of it next to nothing. */
export function openeoTool(): OpeneoTool {
  const child = spawn(python, [join(programs, 'openeo-auth.py')], {
    detached: true,
    stdio: ['pipe', 'inherit', 'inherit'],
  })
  return {
    start(words, { env, path }, input = '') {
      const directory = mkdtempSync(join(path, 'run-'))
      writeFileSync(join(directory, 'stdin'), input)
      child.stdin.write(`${JSON.stringify({ words, env, directory })}\n`)
      const ended = endOf(directory)
      return { ended, prints: (pattern) => printed(directory, pattern, ended) }
    },
    close: () => child.stdin.end(),
  }
}

const text = (directory: string, name: string): string => {
  const path = join(directory, name)
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}

async function endOf(directory: string): Promise<ToolEnded> {
  while (text(directory, 'code') === '') await delay(20)
  return { code: Number(text(directory, 'code')), stdout: text(directory, 'stdout'), stderr: text(directory, 'stderr') }
}

async function printed(directory: string, pattern: RegExp, ended: Promise<ToolEnded>): Promise<RegExpExecArray> {
  const over = { is: false }
  void ended.then(() => (over.is = true))
  for (;;) {
    const last = over.is
    const found = pattern.exec(text(directory, 'stdout'))
    if (found !== null) return found
    if (last) throw new Error(`It ended without printing ${pattern}: ${text(directory, 'stderr')}`)
    await delay(20)
  }
}
