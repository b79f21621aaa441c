/** Which way a metric is the better, where a person has to say it. */
export const goalWords = { '': 'not said yet', minimize: 'less', maximize: 'more' } as const
