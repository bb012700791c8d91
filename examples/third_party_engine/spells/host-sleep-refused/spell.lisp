(sleep params.seconds)
"awake"
