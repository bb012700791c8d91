for (const line of params.lines) console.log(line)
