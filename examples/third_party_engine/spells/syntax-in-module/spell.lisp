(import "broken")
