/** What `npm run sweep` ends with (docs/cli.md). */
export const exitCodes = { scored: 0, notScored: 1, refused: 2, interrupted: 130 } as const
