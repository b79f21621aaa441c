import { expect, test } from 'vitest'
import { codeStates, codeStatesWords } from './code-states.ts'
import { aSweepFile, type CodeSnapshot } from './what-was-run.ts'

const plain: CodeSnapshot = {
  repository: null,
  commit: null,
  problem: null,
  patch: null,
  cut: null,
  changed: {},
  named: {},
  beside: {},
}
const kept = { ...plain, repository: '/r', commit: 'a'.repeat(40) }
const ran = (...snapshots: Partial<CodeSnapshot>[]) =>
  snapshots.map((snapshot, at) => ({ snapshot: { ...plain, ...snapshot }, who: at + 1 }))
const words = (found: ReturnType<typeof codeStates<number>>) =>
  found && codeStatesWords(found, 'These points', (who) => `runs ${who.join(', ')}`, ['/r', '/s'])

test('one state: the same files, a file of its own each, another repository, nothing known', () => {
  expect(codeStates([])).toBeNull()
  expect(codeStates(ran({ named: { '/s/a.sh': '1' } }, { named: { '/s/a.sh': '1' } }))).toBeNull()
  expect(codeStates(ran({ named: { '/s/lr1.yaml': '1' } }, { named: { '/s/lr2.yaml': '2' } }))).toBeNull()
  expect(codeStates(ran(kept, { ...kept, repository: '/other', commit: 'b'.repeat(40) }, plain))).toBeNull()
  expect(codeStates(ran(kept, { ...kept, problem: 'git did not answer.' }))).toBeNull()
})

test('a named file that was changed between two of three runs', () => {
  const found = codeStates(
    ran({ named: { '/s/a.sh': '1' } }, { named: { '/s/a.sh': '2' } }, { named: { '/s/a.sh': '1' } }),
  )
  expect(found).toMatchObject({ files: ['/s/a.sh'], commits: false })
  expect(found!.states.map(({ who }) => who)).toEqual([[1, 3], [2]])
  expect(words(found)).toBe(
    'These points came from 2 states of the code (a.sh is not the same in all): runs 1, 3; runs 2.',
  )
})

test('several commits of one repository, with and without changes', () => {
  const changed = { '/r/lib/x.py': '1' }
  const found = codeStates(ran(kept, { ...kept, commit: 'b'.repeat(40) }, { ...kept, changed, patch: 'p' }))
  expect(words(found)).toBe(
    'These points came from 3 states of the code (several commits; lib/x.py is not the same in all): runs 1 at aaaaaaaa; runs 2 at bbbbbbbb; runs 3 at aaaaaaaa with changes.',
  )
})

test('a file that the command names and nobody changed is as its commit has it', () => {
  const changed = { '/r/train.py': '2' }
  const found = codeStates(
    ran(
      { ...kept, named: { '/r/train.py': '1' } },
      { ...kept, named: { '/r/other.py': '5' } },
      { ...kept, changed, patch: 'p', named: { '/r/train.py': '2' } },
    ),
  )
  expect(found!.states.map(({ who }) => who)).toEqual([[1, 2], [3]])
})

test('a script beside that came, and uncommitted changes that no listed file shows', () => {
  const named = { '/s/a.sh': '1' }
  expect(codeStates(ran({ named }, { named, beside: { '/s/helper.py': '7' } }))).toMatchObject({
    files: ['/s/helper.py'],
  })
  const bytes = { '/r/b\\xff.py': 'in the patch' }
  const found = codeStates(ran({ ...kept, changed: bytes, patch: 'p' }, { ...kept, changed: bytes, patch: 'q' }))
  expect(words(found)).toBe(
    'These points came from 2 states of the code (uncommitted changes differ): runs 1 at aaaaaaaa with changes; runs 2 at aaaaaaaa with changes.',
  )
})

test('a sweep file that grew is no other state of the code', () => {
  const grown = { ...kept, changed: { '/r/sweep.yaml': aSweepFile }, patch: 'p' }
  expect(codeStates(ran(kept, grown, { ...grown, patch: 'q' }))).toBeNull()
})
