return require("slow")
