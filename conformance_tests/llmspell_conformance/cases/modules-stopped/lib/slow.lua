sleep(0.02)
return { x = 7 }
