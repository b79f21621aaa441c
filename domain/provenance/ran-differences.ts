/** What attempts were run with, side by side. */
import { shortFile } from './code-states.ts'
import {
  type CodeSnapshot,
  isDirty,
  type MachineState,
  type PythonState,
  shortCommit,
  type WhatWasRun,
} from './what-was-run.ts'

/** Everything recorded of an attempt. */
export type RanParts = {
  code: CodeSnapshot
  ran: WhatWasRun
  python: PythonState | null
  machine: MachineState | null
  environment: Record<string, string>
}

/** One thing, as each of them has it; null: it does not have it, or nobody knows. */
export type RanRow = { key: string; values: (string | null)[] }

export type RanGroup = {
  title: 'Code' | 'Packages' | 'Variables' | 'Machine'
  /** What is not the same in all. */
  differing: RanRow[]
  /** How many are the same. */
  equal: number
}

/** What differs, by kind; null stands for an attempt of which nothing was recorded, and differs in nothing. */
export function ranDifferences(of: readonly (RanParts | null)[]): RanGroup[] {
  return [
    group('Code', of, codeOf(of)),
    group('Packages', of, ({ python }) => packagesOf(python)),
    group('Variables', of, ({ environment, ran }) => ({ ...environment, ...ran.variables })),
    group('Machine', of, ({ machine }) => machineOf(machine)),
  ]
}

type Values = Record<string, string | null>

function group(
  title: RanGroup['title'],
  of: readonly (RanParts | null)[],
  valuesOf: (parts: RanParts) => Values,
): RanGroup {
  const values = of.map((parts) => (parts === null ? null : new Map(Object.entries(valuesOf(parts)))))
  const known = values.filter((one) => one !== null)
  const keys = [...new Set(known.flatMap((one) => [...one.keys()]))]
  const differs = (key: string) => known.some((one) => (one.get(key) ?? null) !== (known[0]!.get(key) ?? null))
  const differing = keys.filter(differs)
  return {
    title,
    differing: differing.map((key) => ({ key, values: values.map((one) => one?.get(key) ?? null) })),
    equal: keys.length - differing.length,
  }
}

/** Hashes are told apart by their first letters, as commits are. */
const hashWords = (hash: string) => (/^[0-9a-f]{64}$/.test(hash) ? hash.slice(0, 12) : hash)

function codeOf(of: readonly (RanParts | null)[]): (parts: RanParts) => Values {
  const kept = new Set(of.flatMap((parts) => Object.keys(parts?.code.changed ?? {})))
  return ({ code, ran, python }) => {
    const folders = [code.repository, ran.directory]
    const files = { ...code.beside, ...code.named, ...code.changed }
    // a file that another one changed, and this one has as its commit does
    const asCommitted = [...kept].filter(
      (file) =>
        !Object.hasOwn(code.changed, file) && code.repository !== null && file.startsWith(`${code.repository}/`),
    )
    const dirty = isDirty(code)
    return {
      commit: code.commit === null ? null : shortCommit(code.commit),
      branch: ran.branch,
      'uncommitted changes': dirty === null ? null : dirty ? 'yes' : 'no',
      Python: python?.version ?? null,
      ...Object.fromEntries(Object.entries(files).map(([file, hash]) => [shortFile(file, folders), hashWords(hash)])),
      ...(code.problem === null
        ? Object.fromEntries(asCommitted.map((file) => [shortFile(file, folders), 'as committed']))
        : {}),
    }
  }
}

function packagesOf(python: PythonState | null): Values {
  return Object.fromEntries(
    (python?.packages ?? []).map((line) => {
      const at = line.indexOf('==')
      return [line.slice(0, at), line.slice(at + 2)]
    }),
  )
}

function machineOf(machine: MachineState | null): Values {
  if (machine === null) return {}
  const { host, system, processors, memoryGigabytes, driver, cuda, gpus, sweepboard, node } = machine
  return {
    host,
    system,
    processors,
    memory: `${memoryGigabytes} GB`,
    driver,
    CUDA: cuda,
    GPUs: [...new Set(Object.values(gpus))].join('; ') || null,
    Sweepboard: sweepboard,
    Node: node,
  }
}
