"in lib"
