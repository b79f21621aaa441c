import { expect, test } from 'vitest'
import { fits, inOrder, readFilter } from './search.ts'
import { History, Store, type Run } from './store.ts'

function run(
  id: string,
  parts: { params?: Record<string, string>; tags?: Record<string, string>; loss?: number },
): Run {
  const made = new Store().addRun({ run_id: id, run_name: `name ${id}`, experiment_id: '0', start_time: 5 }, '')
  made.params = new Map(Object.entries(parts.params ?? {}))
  made.tags = new Map(Object.entries(parts.tags ?? {}))
  if (parts.loss !== undefined) {
    const history = new History()
    history.add({ step: 0, timestamp: 0, value: parts.loss })
    made.metrics.set('train/loss', history)
  }
  return made
}

const one = run('a', { params: { lr: '1e-05', 'my param': "it's" }, tags: { stage: 'SFT' }, loss: 0.5 })

test.each([
  ["params.lr = '1e-05'", true],
  ["params.lr != '1e-05'", false],
  ['metrics.`train/loss` < 0.6', true],
  ['metrics."train/loss" >= 0.6', false],
  ["param.`my param` = 'it''s'", true],
  ["tags.stage ILIKE 'sf%'", true],
  ["tags.stage LIKE 'sf%'", false],
  ["tags.stage LIKE 'S_T'", true],
  ['tags.missing IS NULL', true],
  ['tags.stage IS NOT NULL', true],
  ["attributes.run_id IN ('a', 'b')", true],
  ["run_name = 'name a' and params.lr = '1e-05' AND metrics.`train/loss` = 0.5", true],
  ["params.missing = 'x'", false],
  ['', true],
])('%s', (filter, expected) => {
  expect(fits(one, readFilter(filter))).toBe(expected)
})

test.each([
  ["params.lr = '1e-05' or params.lr = '2'", 'Invalid clause(s)'],
  ['params.lr = 1e-05', 'Expected a quoted string value'],
  ["metrics.loss = 'a'", 'Expected numeric value'],
  ["dataset.name = 'a'", "Invalid entity type 'dataset'"],
  ['params.lr', 'Invalid clause(s)'],
])('%s is refused with what is wrong', (filter, message) => {
  expect(() => readFilter(filter)).toThrow(message)
})

test('runs stand in the order asked for, those without the value last', () => {
  const runs = [run('none', {}), run('low', { loss: 1 }), run('high', { loss: 2 })]
  const ids = (orderBy: string[]) => inOrder(runs, orderBy).map(({ info }) => info.run_id)
  expect(ids(['metrics.`train/loss` DESC'])).toEqual(['high', 'low', 'none'])
  expect(ids(['metrics."train/loss"'])).toEqual(['low', 'high', 'none'])
  expect(() => ids(['metrics'.concat('.a b c')])).toThrow('Invalid order_by clause')
})
