/**
 * The longest that the main thread computed without a pause while the work went on, in milliseconds of its own processor
 * time: what else runs on the machine does not count.
 */
export async function longestHold(work: () => Promise<unknown>): Promise<number> {
  let longest = 0
  let before = process.threadCpuUsage()
  const timer = setInterval(() => {
    const { user, system } = process.threadCpuUsage(before)
    longest = Math.max(longest, (user + system) / 1000)
    before = process.threadCpuUsage()
  }, 1)
  await work()
  clearInterval(timer)
  return longest
}
