delete from live.vital
where process = $process
