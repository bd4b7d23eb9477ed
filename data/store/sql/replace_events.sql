-- The same position in the journal of the same PBX is the same event.
delete from ami_event
using incoming
where ami_event.pbx = incoming.pbx
    and ami_event.sequence = incoming.sequence;
