import { expect, test } from 'vitest'
import { lastBoxed } from './boxed.ts'
import { sameAnswer } from './same-answer.ts'

const same: [string, string][] = [
  ['7', '7'],
  ['7.0', '7'],
  ['+7', '7'],
  ['-3', '−3'],
  ['1,234', '1234'],
  ['1{,}234{,}567', '1234567'],
  ['$42$', '42'],
  ['\\$18.90', '18.9'],
  ['\\frac{1}{2}', '0.5'],
  ['\\dfrac12', '1/2'],
  ['\\frac{3}{6}', '\\tfrac{1}{2}'],
  ['-\\frac{2}{3}', '\\frac{-2}{3}'],
  ['1\\frac{1}{2}', '1.5'],
  ['50\\%', '50'],
  ['50%', '0.5'],
  ['\\frac{1}{4}', '25\\%'],
  ['\\sqrt{8}', '2\\sqrt{2}'],
  ['\\sqrt2', '\\sqrt{2}'],
  ['\\sqrt[3]{27}', '3'],
  ['\\frac{\\sqrt{3}}{3}', '\\frac{1}{\\sqrt{3}}'],
  ['2\\pi', '2 \\pi'],
  ['\\frac{\\pi}{2}', '0.5\\pi'],
  ['2^{10}', '1024'],
  ['5!', '120'],
  ['\\binom{5}{2}', '10'],
  ['\\log_2 8', '3'],
  ['90^\\circ', '90'],
  ['12\\text{ cm}', '12'],
  ['12 cm^2', '12'],
  ['5 \\text{ dollars}', '5'],
  ['3 hours', '3'],
  ['(1, 2)', '\\left(1,2\\right)'],
  ['(\\frac{1}{2}, 3)', '(0.5,3)'],
  ['[0, 1)', '[0,1)'],
  ['\\{3, 1, 2\\}', '\\{1,2,3\\}'],
  ['1, 2', '2,1'],
  ['1 \\text{ and } 2', '1,2'],
  ['3 \\pm \\sqrt{2}', '3+\\sqrt2, 3-\\sqrt2'],
  ['(-\\infty, 2) \\cup (3, \\infty)', '(-\\infty,2)\\cup(3,\\infty)'],
  ['\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}', '\\begin{pmatrix}1&2\\\\3&\\frac{8}{2}\\end{pmatrix}'],
  ['(x+1)^2', 'x^2+2x+1'],
  ['x = 5', '5'],
  ['y=2x+1', '2x+1'],
  ['f(x) = x^2', 'x^2'],
  ['x \\in [0,1]', '[0,1]'],
  ['2\\sin x\\cos x', '2\\cos x\\sin x'],
  ['\\text{Evelyn}', 'evelyn'],
  ['\\text{(C)}', 'C'],
  ['\\textbf{B}', 'B'],
  ['x \\leq 3', 'x<=3'],
  ['6.', '6'],
  ['\\frac{9}{3}', '3'],
  ['1e', 'e'],
]
for (const [given, expected] of same)
  test(`${given} is ${expected}`, () => expect(sameAnswer(given, expected)).toBe(true))

const different: [string, string][] = [
  ['7', '8'],
  ['0.33', '1/3'],
  ['', '0'],
  ['1,234', '(1,234)'],
  ['(1,2)', '(2,1)'],
  ['[0,1)', '(0,1)'],
  ['\\{1,2\\}', '\\{1,2,3\\}'],
  ['50%', '5'],
  ['x', 'y'],
  ['x+1', 'x+2'],
  ['\\sqrt{2}', '2'],
  ['12', '1, 2'],
  ['A', 'B'],
  ['\\frac{1}{0}', '0'],
  ['3 \\pm 1', '4'],
  ['\\begin{pmatrix}1&2\\end{pmatrix}', '\\begin{pmatrix}1\\\\2\\end{pmatrix}'],
  ['-5', '5'],
  ['process.exit(3)', '3'],
  ['((((', '1'],
]
for (const [given, expected] of different)
  test(`${given} is not ${expected}`, () => expect(sameAnswer(given, expected)).toBe(false))

test('the last box counts, with braces inside it', () => {
  expect(lastBoxed('\\boxed{1} and \\boxed{\\frac{1}{2}}.')).toBe('\\frac{1}{2}')
  expect(lastBoxed('so 7')).toBeNull()
  expect(lastBoxed('\\boxed{7')).toBeNull()
  expect(lastBoxed('\\boxed{}')).toBe('')
})

test('a long answer of nothing but brackets does not take long', () => {
  expect(sameAnswer('('.repeat(200000), '1')).toBe(false)
})
