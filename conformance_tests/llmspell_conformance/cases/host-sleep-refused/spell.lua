sleep(params.seconds)
return "awake"
