await sleep(0.02)
export const x = 7
