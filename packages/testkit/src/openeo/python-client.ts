import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const venv = '/opt/latchkey-venv/bin/python'
const probe = "import sys, importlib.util; sys.exit(importlib.util.find_spec('openeo') is None)"

/** A Python that has the openEO client. */
export interface PythonClient {
  /** `LATCHKEY_PYTHON`, else a virtual environment at a known place, else `python3`. */
  readonly python: string
  /** Whether it has no openEO client: its tests are skipped, and `.ci/run` fails (scripts/ci/peers.ts). */
  readonly absent: boolean
}

/** Looks for the real openEO Python client. */
export function pythonClient(): PythonClient {
  const python = process.env['LATCHKEY_PYTHON'] ?? (existsSync(venv) ? venv : 'python3')
  return { python, absent: spawnSync(python, ['-c', probe]).status !== 0 }
}
