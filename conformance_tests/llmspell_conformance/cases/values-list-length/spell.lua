return #params.x
