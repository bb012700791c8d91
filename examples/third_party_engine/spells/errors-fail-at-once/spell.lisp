(for _ (range params.tasks)
  (spawn (probe.never)))
(probe.echo)
(throw {:kind "odd" :message "m" :data params.tasks})
