/** Finds the answer in a response. */

/** The content of the last `\boxed{…}`, braces inside it included; null where there is none or it does not close. */
export function lastBoxed(response: string): string | null {
  const start = response.lastIndexOf('\\boxed{')
  if (start < 0) return null
  let depth = 0
  for (let i = start + '\\boxed'.length; i < response.length; i++) {
    if (response[i] === '{') depth++
    else if (response[i] === '}') depth--
    if (depth === 0) return response.slice(start + '\\boxed{'.length, i)
  }
  return null
}
