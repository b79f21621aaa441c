/** One name, one thing: no two files of the product export the same name. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'

const root = path.join(import.meta.dirname, '..')
const rooms = ['app', 'cli', 'contract', 'db', 'domain', 'server', 'trainer']
/** What Next looks for in a page's file by these names. */
const namesOfNext = new Set(['metadata', 'generateMetadata'])

/** The exported names of every file of these rooms, tests left out: name → files. */
function exportedNames(): Map<string, string[]> {
  const names = new Map<string, string[]>()
  for (const room of rooms)
    for (const file of readdirSync(path.join(root, room), { recursive: true, encoding: 'utf8' })) {
      if (!/\.tsx?$/.test(file) || /\.(test|contract)\.tsx?$/.test(file)) continue
      const text = readFileSync(path.join(root, room, file), 'utf8')
      for (const [, name] of text.matchAll(
        /^export (?:async )?(?:function|const|let|type|interface|class) ?\*? ?(\w+)/gm,
      ))
        names.set(name!, [...(names.get(name!) ?? []), `${room}/${file}`])
    }
  return names
}

test('no exported name stands for two things', () => {
  const names = exportedNames()
  expect(names.size).toBeGreaterThan(1000)
  // overloads of one function stand several times in one file
  const doubled = [...names]
    .map(([name, files]) => [name, [...new Set(files)]] as const)
    .filter(([name, files]) => files.length > 1 && !namesOfNext.has(name))
  expect(Object.fromEntries(doubled)).toEqual({})
})
