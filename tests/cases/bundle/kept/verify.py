outside the log 8
