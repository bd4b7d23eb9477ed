delete from acquisition_channel
where did = $did
