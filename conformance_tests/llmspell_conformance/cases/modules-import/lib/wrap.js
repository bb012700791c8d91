export const wrap = (text) => `<${text}>`
