/** Pages whose address says what they show, and which it can be kept of under a name. */
export const viewedPage = /^\/(?:runs|runs\/curves|leaderboard|sweeps\/[1-9]\d{0,14}\/curves)$/

/** `search`: the query of its address, without the question mark. */
export type NamedView = { id: number; name: string; search: string }
