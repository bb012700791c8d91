return require("a").names()
