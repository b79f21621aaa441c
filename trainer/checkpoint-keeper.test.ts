import { expect, test } from 'vitest'
import { surplus } from './checkpoint-keeper.ts'

const saved = [0.9, 0.2, 0.5, 0.4, 0.6].map((figure, index) => ({ step: index + 1, figure }))
const steps = (last: number, best: number) => surplus(saved, { last, best }).map(({ step }) => step)

test('without rules everything stays', () => expect(steps(0, 0)).toEqual([]))
test('the newest stay', () => expect(steps(2, 0)).toEqual([1, 2, 3]))
test('the best stay', () => expect(steps(0, 2)).toEqual([1, 3, 5]))
test('the newest and the best stay', () => expect(steps(1, 1)).toEqual([1, 3, 4]))
