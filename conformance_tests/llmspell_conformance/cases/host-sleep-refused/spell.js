await sleep(params.seconds)
return "awake"
