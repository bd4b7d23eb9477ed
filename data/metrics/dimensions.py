"""Every dimension, defined once: the ways to split numbers."""

from __future__ import annotations

from data.metrics.terms import Dimension, Grain, Kind, by_name

_EVERY = frozenset(Grain)
_CHAT = frozenset({Grain.CHAT})
_WITH_EMPLOYEE = frozenset({Grain.PART, Grain.OFFER, Grain.EPISODE})

DIMENSIONS = by_name(
    [
        Dimension(name="day", kind=Kind.DAY, sql="fact.local_at::date", grains=_EVERY, rolled=True, note="local day"),
        Dimension(
            name="week",
            kind=Kind.DAY,
            sql="date_trunc('week', fact.local_at)::date",
            grains=_EVERY,
            rolled=True,
            note="its Monday",
        ),
        Dimension(
            name="month",
            kind=Kind.DAY,
            sql="date_trunc('month', fact.local_at)::date",
            grains=_EVERY,
            rolled=True,
            note="its first day",
        ),
        Dimension(
            name="hour",
            kind=Kind.NUMBER,
            sql="extract(hour from fact.local_at)::integer",
            grains=_EVERY,
            note="local, 0..23",
        ),
        Dimension(
            name="weekday",
            kind=Kind.NUMBER,
            sql="extract(isodow from fact.local_at)::integer",
            grains=_EVERY,
            rolled=True,
            note="local, Monday = 1",
        ),
        Dimension(name="direction", sql="fact.direction", rolled=True, note="inbound, outbound, internal"),
        Dimension(name="outcome", sql="fact.outcome", rolled=True, note="the fact: answered, missed, reached …"),
        Dimension(name="reason", sql="fact.reason", rolled=True, note="why there was no conversation"),
        Dimension(name="status", sql="|status|", joins=("owner",), note="what people read, as of the moment"),
        Dimension(
            name="lead", sql="|lead_state|", joins=("owner",), note="registered, unregistered, lost; null: no lead"
        ),
        Dimension(
            name="employee",
            sql="fact.employee",
            grains=_WITH_EMPLOYEE,
            lifts=Grain.PART,
            directory="employee",
            note="who talked, else who rang; of a recovery: who ended it",
        ),
        Dimension(
            name="team",
            sql="staff.department",
            joins=("staff",),
            grains=_WITH_EMPLOYEE,
            lifts=Grain.PART,
            note="the employee's department",
        ),
        Dimension(name="ring_group", sql="fact.ring_group", directory="ring_group", note="group of phones"),
        Dimension(
            name="queue",
            sql="fact.queue",
            rolled=True,
            lifts=Grain.VISIT,
            directory="queue",
            note="of calls: the first queue; of visits and offers: that queue",
        ),
        Dimension(name="line", sql="fact.line", directory="line", note="trunk"),
        Dimension(
            name="channel",
            sql="coalesce(channel.title, fact.did)",
            joins=("channel",),
            note="acquisition channel: the name given to the office number; without one, the number",
        ),
        Dimension(
            name="number_class",
            sql="number.number_class",
            joins=("number",),
            rolled=True,
            note="class of the outside number",
        ),
        Dimension(name="region", sql="number.region", joins=("number",), note="region of the outside number"),
        Dimension(
            name="place",
            sql="""case
                when fact.external_number is null then 'unknown'
                when number.number_class = 'toll_free' then 'toll_free'
                when number.country is not null and number.country <> $country then 'country:' || number.country
                when number.region is not null then number.region
                when number.number_class in ('mobile', 'mobile_or_landline') then 'mobile'
                else 'unknown'
            end""",
            joins=("number",),
            note="where the outside number is: region, else mobile, toll_free, country:XX or unknown",
        ),
        Dimension(
            name="client",
            sql="owner.account_id::varchar",
            joins=("owner",),
            directory="client",
            note="owner of the number",
        ),
        Dimension(
            name="tag",
            sql="tag.tag_id::varchar",
            joins=("tag",),
            directory="tag",
            note="tag of the call; a call with two counts under each",
        ),
        Dimension(
            name="client_tag",
            sql="client_label.tag_id::varchar",
            joins=("owner", "client_tag"),
            directory="tag",
            note="tag of the client; a call of a client with two counts under each",
        ),
        Dimension(
            name="office_hours",
            sql="""case
                when list_contains($special_days::date[], fact.local_at::date) then case
                    when epoch(fact.local_at::time) >= list_extract(
                        $special_opens_s::integer[], list_position($special_days::date[], fact.local_at::date)
                    )
                    and epoch(fact.local_at::time) < list_extract(
                        $special_closes_s::integer[], list_position($special_days::date[], fact.local_at::date)
                    ) then 'in'
                    else 'out'
                end
                when list_contains($holidays::date[], fact.local_at::date) then 'out'
                when epoch(fact.local_at::time) >= list_extract($opens_s::integer[], isodow(fact.local_at))
                    and epoch(fact.local_at::time) < list_extract($closes_s::integer[], isodow(fact.local_at)) then 'in'
                else 'out'
            end""",
            grains=_EVERY,
            note="in: the call, or chat, began in working hours; out: it did not",
        ),
        Dimension(
            name="caller",
            sql="case when fact.first_of_number then 'new' when fact.external_number is not null then 'returning' end",
            note="new: first call ever of the number; null: hidden or internal",
        ),
        Dimension(
            name="wait_from",
            kind=Kind.NUMBER,
            sql="""case
                when fact.wait_s < 5 then 0
                when fact.wait_s < 10 then 5
                when fact.wait_s < 20 then 10
                when fact.wait_s < 30 then 20
                when fact.wait_s < 60 then 30
                when fact.wait_s < 120 then 60
                when fact.wait_s < 300 then 120
                when fact.wait_s >= 300 then 300
            end""",
            note="band of waiting time, by its lower end in seconds",
        ),
        Dimension(
            name="visit_result",
            sql="fact.visit_result",
            grains=frozenset({Grain.VISIT}),
            lifts=Grain.VISIT,
            note="how the caller left the queue",
        ),
        Dimension(
            name="recovery",
            sql="fact.recovery",
            grains=frozenset({Grain.EPISODE}),
            note="called_back, caller_returned, attempted, none",
        ),
        Dimension(
            name="assignee",
            sql="fact.employee",
            grains=_CHAT,
            directory="employee",
            note="responsible for the chat; null: nobody yet",
        ),
        Dimension(name="messenger", sql="fact.messenger", grains=_CHAT, note="whatsapp, telegram …"),
        Dimension(name="messenger_account", sql="fact.messenger_account", grains=_CHAT, note="our account there"),
    ]
)
