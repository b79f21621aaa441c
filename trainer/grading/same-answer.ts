/** Whether two answers are the same number or text. */
export function sameAnswer(given: string, expected: string): boolean {
  const [a, b] = [given.trim(), expected.trim()]
  if (a === b) return true
  return a !== '' && b !== '' && Number(a) === Number(b)
}
