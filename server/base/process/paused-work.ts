/** Resolves after whatever else the server has to do: between two steps of work on a large sweep. */
export function pausedWork(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 2))
}
