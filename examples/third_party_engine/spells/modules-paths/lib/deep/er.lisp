"deeper"
