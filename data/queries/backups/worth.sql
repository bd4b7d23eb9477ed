-- Whether there is anything to lose: a call, a client, a change by a person.
select exists (from call) or exists (from account) or exists (from audit) as worth
