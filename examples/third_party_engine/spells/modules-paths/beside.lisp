"beside"
