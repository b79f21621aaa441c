/**
 * Looks at what an attempt is about to be run with, before its process can have started. What several attempts that start together
 * share is looked at once; what nothing changed of is remembered (look-at-python.ts, base/code-state.ts).
 */
import { variablesToKeep } from '../../domain/provenance/environment.ts'
import type { CodeSnapshot, MachineState, PythonState, WhatWasRun } from '../../domain/provenance/what-was-run.ts'
import { logger } from '../base/process/log.ts'
import type { Environment } from '../formats/environment.ts'
import { filesBeside, lookAtRepository, namedFiles, noRepository, type RepositoryState } from './look-at-code.ts'
import { lookAtMachine } from './look-at-machine.ts'
import { lookAtPython } from './look-at-python.ts'

export type Looked = {
  code: Omit<CodeSnapshot, 'patch'>
  patch: Buffer | null
  python: PythonState | null
  /** null where the attempt runs on a machine that is not looked at. */
  machine: MachineState | null
  /** Variables of the server's own environment that matter. */
  environment: Record<string, string>
  ran: Omit<WhatWasRun, 'python' | 'machine' | 'environment'>
}

export type AttemptToLookAt = {
  command: string[]
  directory: string
  /** Whether the command is the built-in trainer, whose sources are ours. */
  builtIn: boolean
  /** What it finds of the server's environment, and what its sweep sets. */
  inherited: Environment
  variables: Record<string, string>
  /** Files and folders that the attempt reads or writes as its data: their content is no code. */
  data: string[]
  /** Whether it runs on this machine, and whether its slots are GPUs. */
  here: boolean
  gpus: boolean
}

/** null: something about it could not be looked at at all; the attempt starts all the same. */
export type Look = (attempt: AttemptToLookAt) => Promise<Looked | null>

const log = logger('scheduler')

/** Gives a function that looks at attempts which start together. */
export function openLook(): Look {
  const look = lookTogether()
  return async (attempt) => {
    try {
      return await look(attempt)
    } catch (error) {
      log.error(`What ${attempt.command[0]} is run with cannot be recorded`, error)
      return null
    }
  }
}

function lookTogether(): (attempt: AttemptToLookAt) => Promise<Looked> {
  const repositories = new Map<string, Promise<RepositoryState>>()
  return async ({ command, directory, builtIn, inherited, variables, data, here, gpus }) => {
    const searchPath = inherited.PATH
    const repository = builtIn
      ? noRepository
      : await once(repositories, directory, () => lookAtRepository(directory, searchPath))
    const named = namedFiles(builtIn ? null : command, directory, data)
    const given = { ...inherited, ...variables }
    const [beside, python, machine] = await Promise.all([
      builtIn ? {} : filesBeside(named, repository, searchPath),
      builtIn ? null : lookAtPython(command, directory, given),
      here ? lookAtMachine(inherited, gpus) : null,
    ])
    const { found: _found, branch, patch, ...state } = repository
    const kept = variablesToKeep(inherited)
    const own = variablesToKeep(variables, true)
    return {
      code: { ...state, named, beside },
      patch,
      python,
      machine,
      environment: kept.kept,
      ran: { command, directory, branch, variables: own.kept, leftOut: [...kept.leftOut, ...own.leftOut] },
    }
  }
}

function once<Value>(known: Map<string, Promise<Value>>, key: string, make: () => Promise<Value>): Promise<Value> {
  const value = known.get(key) ?? make()
  known.set(key, value)
  return value
}
