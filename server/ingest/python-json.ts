/** JSON as Python's json module writes it: NaN, Infinity and -Infinity may stand bare. */

const marker = 'bare number, as Python writes it'

/**
 * Parses JSON; bare NaN and infinities become the numbers they are. Throws a SyntaxError with the place, as JSON.parse does.
 */
export function parsePythonJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const marked = text.replace(/"(?:[^"\\]|\\.)*"|-?Infinity\b|\bNaN\b/g, (token) =>
      token.startsWith('"') ? token : `{"${marker}":"${token}"}`,
    )
    if (marked === text) throw error
    return JSON.parse(marked, (_, value: unknown) =>
      typeof value === 'object' && value !== null && marker in value
        ? Number(value[marker as keyof typeof value])
        : value,
    )
  }
}
